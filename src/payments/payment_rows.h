// Reading rows of payment_store.h's statements, whose columns stand in one order everywhere.
#pragma once

#include "db/database.h"
#include "payments/payment.h"

namespace epay::payments {

inline constexpr int payment_columns = 18;
inline constexpr int attempt_columns = 9;

Payment read_payment(const db::Row& row, Scope scope);
// The attempt's columns begin at `first`.
Attempt read_attempt(const db::Row& row, int first, Scope scope, PaymentId payment);

}  // namespace epay::payments
