// Reading and writing rows by payment_store.h's statements, whose columns stand in one order everywhere.
#pragma once

#include "db/database.h"
#include "payments/payment.h"

namespace epay::payments {

inline constexpr int payment_columns = 25;
inline constexpr int attempt_columns = 12;

// The payment's columns begin with the first.
Payment read_payment(const db::Row& row, Scope scope);
// The attempt's columns begin at `first`.
Attempt read_attempt(const db::Row& row, int first, Scope scope, PaymentId payment);
void insert_attempt(db::Transaction& tx, const Attempt& attempt);

}  // namespace epay::payments
