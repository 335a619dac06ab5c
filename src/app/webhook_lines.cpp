#include "app/webhook_lines.h"

#include "api/endpoint_replies.h"
#include "app/screen.h"
#include "webhooks/dispatcher.h"
#include "webhooks/endpoint_settings.h"

namespace epay::app {
namespace {

constexpr std::size_t answer_shown_max = 200;
constexpr std::size_t webhook_id_width = 16, type_width = 19, status_width = 10;

// "1.250"
std::string milliseconds_text(microseconds time) {
  std::string rest = std::to_string(time.count() % 1'000);
  rest.insert(0, 3 - rest.size(), '0');
  return std::to_string(time.count() / 1'000) + "." + rest;
}

std::string types_text(events::EventTypes types) {
  std::string text;
  for (const std::string_view name : webhooks::names_of(types)) text += (text.empty() ? "" : ",") + std::string(name);
  return text;
}

std::string state_text(const EndpointView& view, Timestamp now) {
  const auto& [endpoint, health, secrets, json] = view;
  if (!endpoint.enabled) {
    const auto reason = endpoint.disabled_reason.value_or(events::DisabledReason::merchant);
    return "disabled (" + std::string(events::name_of(reason)) + ")";
  }
  std::string text = "enabled";
  if (health.failing_since) {
    text = std::to_string(health.failures) + " failures since " + health.failing_since->to_wire();
  }
  if (health.rests_until && *health.rests_until > now) text += ", rests until " + health.rests_until->to_wire();
  return text;
}

}  // namespace

Result<EndpointView> view_endpoint(db::Transaction& tx, events::LaneKey key, const Vault& vault, Timestamp now) {
  auto endpoint = events::find_endpoint(tx, key);
  if (!endpoint) return std::unexpected(endpoint.error());
  auto secrets = events::signing_secrets(tx, key, vault, now);
  if (!secrets) return std::unexpected(secrets.error());
  JsonWriter json;
  // An endpoint without a timeout of its own is shown with the default one: that of the serving process is its own.
  const api::EndpointReplies replies{vault, webhooks::DispatcherOptions{}.exchange_time_max, now};
  if (const auto written = replies.write_endpoint(json, tx, *endpoint); !written) {
    return std::unexpected(written.error());
  }
  return EndpointView{*std::move(endpoint), events::find_health(tx, key), *std::move(secrets), json.take()};
}

std::string endpoint_line(const EndpointView& view, Timestamp now) {
  const events::Endpoint& endpoint = view.endpoint;
  std::string line = "endpoint " + std::to_string(endpoint.key.endpoint.value) + "  " + endpoint.settings.url + "  " +
                     state_text(view, now) + "  " + types_text(endpoint.settings.types);
  if (endpoint.settings.description) line += "  " + printable(*endpoint.settings.description);
  return line;
}

std::string delivery_line(const events::LoggedDelivery& delivery) {
  return "  " + padded(events::webhook_id(delivery.event, delivery.lane.endpoint), webhook_id_width) + " " +
         padded(std::string(events::name_of(delivery.type)), type_width) + " " +
         padded(std::string(events::name_of(delivery.status)), status_width) + " tries " +
         std::to_string(delivery.tries) + (delivery.due_at ? "  next " + delivery.due_at->to_wire() : "");
}

std::string attempt_line(const events::DeliveryAttempt& attempt, const std::string& url) {
  const std::string outcome = attempt.status ? std::to_string(*attempt.status) : attempt.failure.value_or("no answer");
  std::string line = "  try " + std::to_string(attempt.number) + "  " + attempt.started_at.to_wire() + "  " + url +
                     " → " + printable(outcome) + "  " + milliseconds_text(attempt.total) + " ms";
  if (!attempt.answer.empty()) line += "  " + printable(attempt.answer.substr(0, answer_shown_max));
  return line;
}

std::string redelivery_line(const events::Redelivery& redelivery) {
  return "redelivery " + std::to_string(redelivery.key.id.value) + "  " +
         std::string(events::name_of(redelivery.kind)) + " to endpoint " + std::to_string(redelivery.endpoint.value) +
         " since " + redelivery.since.to_wire() + "  " + std::string(events::name_of(redelivery.status)) + ", sent " +
         std::to_string(redelivery.sent) + ", delivered " + std::to_string(redelivery.delivered);
}

std::string delivery_json(const api::ShownDelivery& delivery) {
  JsonWriter json;
  api::write_delivery(json, delivery);
  return json.take();
}

std::string redelivery_json(const events::Redelivery& redelivery) {
  JsonWriter json;
  api::write_redelivery(json, redelivery);
  return json.take();
}

}  // namespace epay::app
