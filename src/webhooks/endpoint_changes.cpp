#include "webhooks/endpoint_changes.h"

namespace epay::webhooks {
namespace {

Result<> set_enabled(db::Transaction& tx, const events::Endpoint& endpoint, bool enabled, Timestamp now) {
  if (enabled) return events::enable_endpoint(tx, endpoint.key, now);
  // The reason for which it is disabled already stays.
  if (!endpoint.enabled) return {};
  return events::disable_endpoint(tx, endpoint.key, events::DisabledReason::merchant, now);
}

}  // namespace

events::NewSecret make_secret(Random& random, events::SignatureScheme scheme) {
  return {.scheme = scheme,
          .bytes = Secret(random.bytes(events::signing_secret_bytes)),
          .nonce = random.array<Vault::nonce_bytes>()};
}

Result<events::Endpoint> open_endpoint(db::Transaction& tx, MerchantId merchant, const EndpointChanges& changes,
                                       bool enabled, const events::NewSecret& secret, const Sealing& sealing) {
  events::EndpointSettings settings;
  events::RequestExtras extras;
  apply_changes(changes, settings, extras);
  const auto key = events::open_endpoint(tx, merchant, settings, secret, sealing.vault, sealing.now);
  if (!key) return std::unexpected(key.error());
  if (!extras.empty()) events::set_extras(tx, *key, extras, sealing.vault, sealing.nonce);
  if (!enabled) {
    const auto disabled = events::disable_endpoint(tx, *key, events::DisabledReason::merchant, sealing.now);
    if (!disabled) return std::unexpected(disabled.error());
  }
  return events::find_endpoint(tx, *key);
}

Result<> change_endpoint(db::Transaction& tx, const events::Endpoint& endpoint, const EndpointChanges& changes,
                         std::optional<bool> enabled, const Sealing& sealing) {
  if (!changes.none()) {
    auto extras = events::open_extras(endpoint, sealing.vault);
    if (!extras) return std::unexpected(extras.error());
    events::EndpointSettings settings = endpoint.settings;
    apply_changes(changes, settings, *extras);
    const auto updated = events::update_endpoint(tx, endpoint.key, settings, sealing.now);
    if (!updated) return updated;
    if (changes.headers || changes.credentials) {
      events::set_extras(tx, endpoint.key, *extras, sealing.vault, sealing.nonce);
    }
  }
  return enabled ? set_enabled(tx, endpoint, *enabled, sealing.now) : Result<>();
}

}  // namespace epay::webhooks
