#include "merchants/access_token.h"

#include <charconv>

#include "merchants/merchant_store.h"

namespace epay::merchants {

std::string make_access_token(MerchantId merchant, std::string_view chance) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, merchant.value, 16).ptr;
  return std::string(digits, end) + "x" + std::string(chance);
}

std::optional<MerchantId> merchant_of_token(std::string_view token) {
  MerchantId merchant;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), merchant.value, 16);
  if (error != std::errc() || end == token.data() + token.size() || *end != 'x' || merchant.value <= 0)
    return std::nullopt;
  return merchant;
}

Grant grant_token(db::Transaction& tx, const Integration& integration, std::string_view token, Timestamp now) {
  const Grant grant{integration, now + access_token_life};
  tx.execute(store::insert_token, integration.scope.merchant, db::Bytes{to_bytes(sha256(token))}, integration.id,
             grant.expires_at);
  return grant;
}

Result<Grant> find_grant(db::Transaction& tx, std::string_view token, Timestamp now) {
  const auto refused = [] { return fail(ErrorCode::unauthenticated, "Authorization Failed! "); };
  const auto merchant = merchant_of_token(token);
  if (!merchant) return refused();
  const auto grant = tx.query_one(
      store::select_token,
      [&](const db::Row& row) { return Grant{{row.id<IntegrationId>(0), {*merchant, row.as<Mode>(1)}}, row.time(2)}; },
      *merchant, db::Bytes{to_bytes(sha256(token))});
  if (!grant || grant->expires_at <= now) return refused();
  return *grant;
}

std::int64_t delete_expired_tokens(db::Transaction& tx, Timestamp now, int limit) {
  struct Expired {
    MerchantId merchant;
    std::string hash;
  };
  const auto expired = tx.query_all(
      store::select_expired_tokens, [](const db::Row& row) { return Expired{row.id<MerchantId>(0), row.string(1)}; },
      now, limit);
  std::int64_t deleted = 0;
  for (const auto& [merchant, hash] : expired) deleted += tx.execute(store::delete_token, merchant, db::Bytes{hash});
  return deleted;
}

}  // namespace epay::merchants
