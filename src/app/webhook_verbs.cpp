#include <cstdio>

#include "app/accounts.h"
#include "app/verbs.h"
#include "base/json_writer.h"
#include "events/delivery.h"
#include "events/endpoint.h"
#include "events/signing_secret.h"
#include "merchants/merchant.h"

namespace epay::app {
namespace {

constexpr int deliveries_shown = 50;

struct Endpoints {
  std::vector<events::Endpoint> endpoints;
  std::vector<events::DeliverySummary> deliveries;
};

struct Set {
  EndpointId endpoint;
  std::string webhook_secret;
};

// The URL of Settings is the merchant's first endpoint; without one it is made.
Task<int> set(WebhookConfig config, VerbContext& context) {
  const auto checked = co_await check_webhook_url(context, config.url, config.webhook_cidrs);
  if (!checked) co_return report(checked.error());
  const MerchantId merchant{config.merchant_id};
  const Secret secret(context.random.bytes(events::signing_secret_bytes));
  const auto nonce = context.random.array<Vault::nonce_bytes>();
  const Timestamp now = context.clock.now();
  const auto endpoint = co_await context.database.write([&](db::Transaction& tx) -> Result<Set> {
    if (const auto known = merchants::find_merchant(tx, merchant); !known) return std::unexpected(known.error());
    const auto endpoints = events::list_endpoints(tx, merchant);
    events::LaneKey key{merchant, {}};
    if (endpoints.empty()) {
      const auto created = events::create_endpoint(tx, merchant, {.url = config.url}, now);
      if (!created) return std::unexpected(created.error());
      key.endpoint = *created;
      events::add_secret(tx, key, {events::SignatureScheme::v1, secret, nonce}, context.vault, events::old_secret_life,
                         now);
    } else {
      key = endpoints.front().key;
      if (const auto changed = events::set_endpoint_url(tx, key, config.url, now); !changed)
        return std::unexpected(changed.error());
    }
    events::note_outside_change(tx);
    auto secrets = events::signing_secrets(tx, key, context.vault, now);
    if (!secrets) return std::unexpected(secrets.error());
    return Set{key.endpoint, events::show_verifier(secrets->front())};
  });
  if (!endpoint) co_return report(endpoint.error());
  JsonWriter json;
  json.begin_object().member("endpoint_id", endpoint->endpoint.value).member("url", config.url);
  json.member("webhook_secret", endpoint->webhook_secret).end_object();
  std::printf("%s\n", json.take().c_str());
  co_return 0;
}

Task<int> list(WebhookConfig config, VerbContext& context) {
  const MerchantId merchant{config.merchant_id};
  const auto found = co_await context.database.read([&](db::Transaction& tx) -> Result<Endpoints> {
    return Endpoints{events::list_endpoints(tx, merchant), events::recent_deliveries(tx, merchant, deliveries_shown)};
  });
  if (!found) co_return report(found.error());
  for (const auto& endpoint : found->endpoints) {
    std::printf("endpoint %lld  %s%s\n", static_cast<long long>(endpoint.key.endpoint.value),
                endpoint.settings.url.c_str(), endpoint.enabled ? "" : "  (disabled)");
  }
  for (const auto& delivery : found->deliveries) {
    std::printf("  event %-8lld %-16s %-10s tries %d%s%s\n", static_cast<long long>(delivery.event.value),
                std::string(events::name_of(delivery.type)).c_str(), std::string(name_of(delivery.status)).c_str(),
                delivery.tries, delivery.due_at ? "  next " : "",
                delivery.due_at ? delivery.due_at->to_wire().c_str() : "");
  }
  co_return 0;
}

}  // namespace

int webhook_set(const WebhookConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return set(config, context); });
}

int webhook_list(const WebhookConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return list(config, context); });
}

}  // namespace epay::app
