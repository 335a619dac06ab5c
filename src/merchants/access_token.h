// Bearer tokens of the API: opaque to clients, stored hashed, good for an hour.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "merchants/merchant.h"

namespace epay::merchants {

inline constexpr seconds access_token_life{3600};

// The text names its merchant, so that the row is found without an index over all merchants: "{merchant,
// hex}x{chance}".
std::string make_access_token(MerchantId merchant, std::string_view chance);
std::optional<MerchantId> merchant_of_token(std::string_view token);

struct Grant {
  Integration integration;
  Timestamp expires_at;
};

// Stores the token's hash; it expires access_token_life after `now`.
Grant grant_token(db::Transaction& tx, const Integration& integration, std::string_view token, Timestamp now);
// Error: unauthenticated (unknown, expired, or its integration revoked).
Result<Grant> find_grant(db::Transaction& tx, std::string_view token, Timestamp now);
// Deletes at most `limit` tokens that have expired; how many.
std::int64_t delete_expired_tokens(db::Transaction& tx, Timestamp now, int limit);

}  // namespace epay::merchants
