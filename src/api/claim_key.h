// The Idempotency-Key of a request whose whole effect is one transaction.
#pragma once

#include "api/api.h"

namespace epay::api {

// Writes the claim down, in the transaction of its effect, or gives the answer that is stored under it; nothing
// without a claim. Error: conflict (the key was used for a different request).
Result<std::optional<Reply>> claim_key(db::Transaction& tx, MerchantId merchant, const Claim& claim, Timestamp now);

}  // namespace epay::api
