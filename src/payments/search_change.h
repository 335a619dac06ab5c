// Searches pass by runs of payments and customers that cannot hold what is sought (lists/search_blocks.h). A run is
// summed up some time after its last payment was made; whoever changes one of its rows later says so here.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "base/timestamp.h"
#include "db/database.h"

namespace epay::payments {

enum class SearchSubject : std::int64_t { payment = 1, customer = 2 };

// A row that is younger is in no run yet, and its changes need not be noted.
inline constexpr microseconds search_note_age = minutes(2);

// A payment's status, method, wallet or customer has changed, in this transaction.
void note_payment_change(db::Transaction& tx, Scope scope, PaymentId payment, Timestamp created_at, Timestamp now);
// A customer's name has changed.
void note_customer_change(db::Transaction& tx, Scope scope, CustomerId customer, Timestamp created_at, Timestamp now);

}  // namespace epay::payments
