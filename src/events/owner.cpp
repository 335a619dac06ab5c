#include "events/owner.h"

#include "events/owner_store.h"

namespace epay::events {
namespace {

Result<MerchantId> find(db::Transaction& tx, const db::Sql& sql, const std::string& what, std::int64_t id) {
  const auto merchant = tx.query_one(sql, [](const db::Row& row) { return row.id<MerchantId>(0); }, id);
  if (!merchant) return fail(ErrorCode::not_found, "There is no " + what + " " + std::to_string(id));
  return *merchant;
}

}  // namespace

Result<LaneKey> find_owner(db::Transaction& tx, EndpointId endpoint) {
  const auto merchant = find(tx, store::select_endpoint_owner, "endpoint", endpoint.value);
  if (!merchant) return std::unexpected(merchant.error());
  return LaneKey{*merchant, endpoint};
}

Result<RedeliveryKey> find_owner(db::Transaction& tx, RedeliveryId redelivery) {
  const auto merchant = find(tx, store::select_redelivery_owner, "redelivery", redelivery.value);
  if (!merchant) return std::unexpected(merchant.error());
  return RedeliveryKey{*merchant, redelivery};
}

}  // namespace epay::events
