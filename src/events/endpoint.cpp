#include "events/endpoint.h"

#include "events/event_store.h"

namespace epay::events {
namespace {

std::string vault_context(LaneKey key) {
  return "endpoint:" + std::to_string(key.merchant.value) + ":" + std::to_string(key.endpoint.value);
}

Endpoint read_endpoint(const db::Row& row) {
  return {{row.id<MerchantId>(0), row.id<EndpointId>(1)}, row.string(2), row.string(3), row.integer(4) != 0};
}

std::unexpected<Error> no_endpoint(LaneKey key) {
  return fail(ErrorCode::not_found, "there is no endpoint " + std::to_string(key.endpoint.value));
}

}  // namespace

std::string show_secret(const Secret& secret) { return "whsec_" + base64_encode(secret.reveal()); }

EndpointId create_endpoint(db::Transaction& tx, const NewEndpoint& endpoint, const Vault& vault) {
  const LaneKey key{endpoint.merchant, EndpointId{tx.next_id(db::Sequence::endpoint)}};
  const std::string box = vault.seal(endpoint.secret, vault_context(key), endpoint.nonce);
  tx.execute(store::insert_endpoint, key.merchant, key.endpoint, endpoint.url, db::Bytes{box}, endpoint.now);
  return key.endpoint;
}

Result<> set_endpoint_url(db::Transaction& tx, LaneKey key, const std::string& url) {
  if (tx.execute(store::update_endpoint_url, key.merchant, key.endpoint, url) == 0) return no_endpoint(key);
  return {};
}

Result<Endpoint> find_endpoint(db::Transaction& tx, LaneKey key) {
  auto found = tx.query_one(store::select_endpoint, read_endpoint, key.merchant, key.endpoint);
  if (!found) return no_endpoint(key);
  return *std::move(found);
}

std::vector<Endpoint> list_endpoints(db::Transaction& tx, MerchantId merchant) {
  return tx.query_all(store::select_endpoints, read_endpoint, merchant);
}

Result<Secret> open_secret(const Endpoint& endpoint, const Vault& vault) {
  auto secret = vault.open(endpoint.secret_box, vault_context(endpoint.key));
  if (!secret) {
    return fail(ErrorCode::unavailable, "the signing secret of endpoint " +
                                            std::to_string(endpoint.key.endpoint.value) +
                                            " does not open: the master key is not the one it was sealed with");
  }
  return *std::move(secret);
}

}  // namespace epay::events
