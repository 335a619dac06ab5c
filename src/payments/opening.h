// What opening a payment, a payout and a refund have in common.
#pragma once

#include <optional>
#include <variant>

#include "db/database.h"
#include "payments/payment.h"

namespace epay::payments {

using Opening = std::variant<Opened, StoredAnswer>;

// What stands under the key: the stored answer, or what an earlier request with it has opened that was never answered
// (and is then this process's to answer). Nothing when the key is new. Errors: conflict, in_progress.
Result<std::optional<Opening>> opened_before(db::Transaction& tx, Scope scope, const KeyClaim& key,
                                             const std::string& reference, Timestamp now);

Attempt open_first_attempt(db::Transaction& tx, const Payment& payment, std::int64_t rail, Timestamp now);

// The order at a rail by which the refund's payment was paid.
OriginalOrder original_of(db::Transaction& tx, const Payment& refund);

}  // namespace epay::payments
