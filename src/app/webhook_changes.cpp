#include "app/screen.h"
#include "app/webhook_verbs.h"
#include "events/endpoint.h"
#include "events/owner.h"

namespace epay::app {
namespace {

enum class Switch { on, off };

Task<int> turn(Switch to, WebhookConfig config, VerbContext& context) {
  const auto turned = co_await change(context, [&](db::Transaction& tx, Timestamp now) -> Result<EndpointView> {
    const auto key = events::find_owner(tx, EndpointId{config.endpoint_id});
    if (!key) return std::unexpected(key.error());
    const auto done = to == Switch::on ? events::enable_endpoint(tx, *key, now)
                                       : events::disable_endpoint(tx, *key, events::DisabledReason::merchant, now);
    if (!done) return std::unexpected(done.error());
    return view_endpoint(tx, *key, context.vault, now);
  });
  if (!turned) co_return report(turned.error());
  show(*turned, context.clock.now(), config.json);
  co_return 0;
}

Task<int> remove(WebhookConfig config, VerbContext& context) {
  const auto removed = co_await change(context, [&](db::Transaction& tx, Timestamp now) -> Result<> {
    const auto key = events::find_owner(tx, EndpointId{config.endpoint_id});
    if (!key) return std::unexpected(key.error());
    return events::delete_endpoint(tx, *key, now);
  });
  if (!removed) co_return report(removed.error());
  JsonWriter json;
  json.begin_object().member("id", config.endpoint_id).member("deleted", true).end_object();
  print_line(config.json
                 ? json.take()
                 : "endpoint " + std::to_string(config.endpoint_id) + " is deleted; what waited for it is cancelled");
  co_return 0;
}

Task<int> resend(WebhookConfig config, VerbContext& context) {
  const auto sent = co_await change(context, [&](db::Transaction& tx, Timestamp now) -> Result<api::DeliveryDetails> {
    const auto named = find_named_delivery(tx, config.delivery);
    if (!named) return std::unexpected(named.error());
    const events::LoggedDelivery& delivery = named->shown.delivery;
    const auto again = events::resend(tx, delivery.lane, delivery.event, std::nullopt, now);
    if (!again) return std::unexpected(again.error());
    return find_named_delivery(tx, config.delivery);
  });
  if (!sent) co_return report(sent.error());
  show(sent->shown, config.json);
  co_return 0;
}

Task<int> test(WebhookConfig config, VerbContext& context) {
  constexpr std::string_view data = R"({"message":"Hello from Epay: this endpoint works."})";
  const auto sent = co_await change(context, [&](db::Transaction& tx, Timestamp now) -> Result<api::DeliveryDetails> {
    const auto key = events::find_owner(tx, EndpointId{config.endpoint_id});
    if (!key) return std::unexpected(key.error());
    const auto endpoint = events::find_endpoint(tx, *key);
    if (!endpoint) return std::unexpected(endpoint.error());
    if (!endpoint->enabled) {
      return fail(ErrorCode::conflict, "The endpoint " + std::to_string(config.endpoint_id) +
                                           " is disabled: nothing is sent to it; enable it first");
    }
    const Scope scope{key->merchant, endpoint->settings.mode.value_or(Mode::test)};
    const auto type = events::EventType::ping;
    const auto recorded =
        events::record_for(tx, {scope, type, {}, events::envelope(type, now, data), now}, key->endpoint);
    return payments::find_details(tx, scope, {*recorded.event, key->endpoint});
  });
  if (!sent) co_return report(sent.error());
  show(sent->shown, config.json);
  co_return 0;
}

}  // namespace

int webhook_enable(const WebhookConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return turn(Switch::on, config, context); });
}

int webhook_disable(const WebhookConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return turn(Switch::off, config, context); });
}

int webhook_delete(const WebhookConfig& config) {
  return run_on_store(
      config.store, [&](VerbContext& context) { return remove(config, context); }, MasterKey::not_needed);
}

int webhook_resend(const WebhookConfig& config) {
  return run_on_store(
      config.store, [&](VerbContext& context) { return resend(config, context); }, MasterKey::not_needed);
}

int webhook_test(const WebhookConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return test(config, context); }, MasterKey::not_needed);
}

}  // namespace epay::app
