#include "app/webhook_verbs.h"

#include "app/accounts.h"
#include "app/screen.h"
#include "events/endpoint.h"
#include "events/owner.h"
#include "merchants/merchant.h"
#include "webhooks/endpoint_settings.h"

namespace epay::app {
namespace {

constexpr int deliveries_shown = 50;

void show_with_secret(const EndpointView& view, Timestamp now, bool json) {
  const std::string secret = events::show_verifier(view.secrets.front());
  if (!json) {
    print_line(endpoint_line(view, now));
    return print_line("  secret " + secret);
  }
  JsonWriter out;
  print_line(out.begin_object().key("endpoint").raw(view.json).member("secret", secret).end_object().take());
}

// The URL of Settings is the merchant's first endpoint; without one it is made.
Task<int> set(WebhookConfig config, VerbContext& context) {
  const auto checked = co_await check_webhook_url(context, config.url, config.webhook_cidrs);
  if (!checked) co_return report(checked.error());
  const MerchantId merchant{config.merchant_id};
  const Secret secret(context.random.bytes(events::signing_secret_bytes));
  const auto nonce = context.random.array<Vault::nonce_bytes>();
  const auto set = co_await change(context, [&](db::Transaction& tx, Timestamp now) -> Result<EndpointView> {
    if (const auto known = merchants::find_merchant(tx, merchant); !known) return std::unexpected(known.error());
    const auto endpoints = events::list_endpoints(tx, merchant);
    events::LaneKey key{merchant, {}};
    if (endpoints.empty()) {
      const auto opened = events::open_endpoint(tx, merchant, {.url = config.url}, {.bytes = secret, .nonce = nonce},
                                                context.vault, now);
      if (!opened) return std::unexpected(opened.error());
      key = *opened;
    } else {
      key = endpoints.front().key;
      if (const auto changed = events::set_endpoint_url(tx, key, config.url, now); !changed)
        return std::unexpected(changed.error());
    }
    return view_endpoint(tx, key, context.vault, now);
  });
  if (!set) co_return report(set.error());
  JsonWriter json;
  json.begin_object().member("endpoint_id", set->endpoint.key.endpoint.value).member("url", config.url);
  print_line(json.member("webhook_secret", events::show_verifier(set->secrets.front())).end_object().take());
  co_return 0;
}

Task<int> create(WebhookConfig config, VerbContext& context) {
  webhooks::EndpointChanges changes{.url = config.url};
  if (!config.description.empty()) changes.description = config.description;
  if (!config.types.empty()) changes.events = config.types;
  if (auto wrong = webhooks::check_changes(changes); !wrong.empty()) {
    const std::string first = wrong.front().message;
    co_return report({ErrorCode::invalid, first, std::move(wrong)});
  }
  const auto checked = co_await check_webhook_url(context, config.url, config.webhook_cidrs);
  if (!checked) co_return report(checked.error());
  events::EndpointSettings settings;
  events::RequestExtras none;
  webhooks::apply_changes(changes, settings, none);
  const MerchantId merchant{config.merchant_id};
  const Secret secret(context.random.bytes(events::signing_secret_bytes));
  const auto nonce = context.random.array<Vault::nonce_bytes>();
  const auto created = co_await change(context, [&](db::Transaction& tx, Timestamp now) -> Result<EndpointView> {
    if (const auto known = merchants::find_merchant(tx, merchant); !known) return std::unexpected(known.error());
    const auto opened =
        events::open_endpoint(tx, merchant, settings, {.bytes = secret, .nonce = nonce}, context.vault, now);
    if (!opened) return std::unexpected(opened.error());
    const events::LaneKey key = *opened;
    return view_endpoint(tx, key, context.vault, now);
  });
  if (!created) co_return report(created.error());
  show_with_secret(*created, context.clock.now(), config.json);
  co_return 0;
}

Task<int> rotate(WebhookConfig config, VerbContext& context) {
  const hours old_life(config.old_secret_hours);
  if (old_life < hours(0) || old_life > events::old_secret_life_most) {
    co_return report({ErrorCode::invalid,
                      "--old-secret-hours: must be 0 to " + std::to_string(events::old_secret_life_most.count())});
  }
  const Secret secret(context.random.bytes(events::signing_secret_bytes));
  const auto nonce = context.random.array<Vault::nonce_bytes>();
  const auto rotated = co_await change(context, [&](db::Transaction& tx, Timestamp now) -> Result<EndpointView> {
    const auto key = events::find_owner(tx, EndpointId{config.endpoint_id});
    if (!key) return std::unexpected(key.error());
    const auto present = events::signing_secrets(tx, *key, context.vault, now);
    if (!present) return std::unexpected(present.error());
    // The endpoint keeps the kind of signature that it verifies.
    const auto scheme = present->empty() ? events::SignatureScheme::v1 : present->front().scheme;
    events::add_secret(tx, *key, {scheme, secret, nonce}, context.vault, old_life, now);
    return view_endpoint(tx, *key, context.vault, now);
  });
  if (!rotated) co_return report(rotated.error());
  show_with_secret(*rotated, context.clock.now(), config.json);
  co_return 0;
}

Task<int> list(WebhookConfig config, VerbContext& context) {
  struct Found {
    std::vector<EndpointView> endpoints;
    std::vector<api::ShownDelivery> deliveries;
  };
  const MerchantId merchant{config.merchant_id};
  const Timestamp now = context.clock.now();
  const auto found = co_await context.database.read([&](db::Transaction& tx) -> Result<Found> {
    Found all;
    for (const events::Endpoint& endpoint : events::list_endpoints(tx, merchant)) {
      auto view = view_endpoint(tx, endpoint.key, context.vault, now);
      if (!view) return std::unexpected(view.error());
      all.endpoints.push_back(*std::move(view));
    }
    all.deliveries = latest_deliveries(tx, {.merchant = merchant}, deliveries_shown);
    return all;
  });
  if (!found) co_return report(found.error());
  if (config.json) {
    JsonWriter json;
    json.begin_object().key("endpoints").begin_array();
    for (const EndpointView& view : found->endpoints) json.raw(view.json);
    json.end_array().key("deliveries").begin_array();
    for (const api::ShownDelivery& delivery : found->deliveries) api::write_delivery(json, delivery);
    print_line(json.end_array().end_object().take());
    co_return 0;
  }
  for (const EndpointView& view : found->endpoints) show(view, now, false);
  for (const api::ShownDelivery& delivery : found->deliveries) show(delivery, false);
  co_return 0;
}

}  // namespace

int webhook_set(const WebhookConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return set(config, context); });
}

int webhook_list(const WebhookConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return list(config, context); });
}

int webhook_create(const WebhookConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return create(config, context); });
}

int webhook_rotate(const WebhookConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return rotate(config, context); });
}

}  // namespace epay::app
