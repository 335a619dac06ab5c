#include "app/webhook_json.h"

#include "app/screen.h"
#include "events/catalogue.h"

namespace epay::app {
namespace {

using events::Redelivery;

std::optional<std::string> wire(const std::optional<Timestamp>& time) {
  return time ? std::optional(time->to_wire()) : std::nullopt;
}

std::string_view name_of(Mode mode) { return mode == Mode::live ? "live" : "test"; }

// "1.250", as a JSON number.
std::string milliseconds_text(microseconds time) {
  std::string rest = std::to_string(time.count() % 1'000);
  rest.insert(0, 3 - rest.size(), '0');
  return std::to_string(time.count() / 1'000) + "." + rest;
}

std::int64_t progress(const Redelivery& redelivery) {
  const std::int64_t whole = redelivery.last.value - redelivery.first.value + 1;
  if (whole <= 0 || redelivery.status == Redelivery::Status::done) return 100;
  return (redelivery.cursor.value - redelivery.first.value + 1) * 100 / whole;
}

}  // namespace

std::string_view EndpointStanding::status(Timestamp now) const {
  if (!endpoint.enabled) return "disabled";
  if (health.rests_until && *health.rests_until > now) return "resting";
  return health.failing_since ? "failing" : "enabled";
}

events::EventTypes all_types() {
  events::EventTypes types;
  for (const events::EventKind& kind : events::catalogue()) types.add(kind.type);
  return types;
}

std::string type_names(events::EventTypes types) {
  if (types == all_types()) return "*";
  std::string names;
  for (const events::EventKind& kind : events::catalogue()) {
    if (types.contains(kind.type)) names += (names.empty() ? "" : ",") + std::string(kind.name);
  }
  return names;
}

Result<events::EventTypes> parse_types(const std::vector<std::string>& names) {
  events::EventTypes types;
  for (const std::string& name : names) {
    if (name == "*") return all_types();
    const auto type = events::find_type(name);
    if (!type) {
      return fail(ErrorCode::invalid, "--events: there is no event \"" + name + "\"; epay webhook events shows them");
    }
    types.add(*type);
  }
  return types;
}

void write_endpoint(JsonWriter& json, const EndpointStanding& standing, Timestamp now) {
  const events::Endpoint& endpoint = standing.endpoint;
  const events::EndpointSettings& settings = endpoint.settings;
  json.begin_object().member("id", endpoint.key.endpoint.value).member("merchant_id", endpoint.key.merchant.value);
  json.member("url", settings.url).member("description", settings.description);
  json.member("mode", settings.mode ? name_of(*settings.mode) : "all").key("events").begin_array();
  for (const events::EventKind& kind : events::catalogue()) {
    if (settings.types.contains(kind.type)) json.value(kind.name);
  }
  json.end_array().member("enabled", endpoint.enabled);
  const auto& reason = endpoint.disabled_reason;
  json.member("disabled_reason", reason ? std::optional(events::name_of(*reason)) : std::nullopt);
  json.member("disabled_at", wire(endpoint.disabled_at)).member("rate_limit", settings.rate_limit);
  json.member("in_flight_max", settings.in_flight_max);
  json.member("timeout", settings.timeout ? std::optional<std::int64_t>(settings.timeout->count()) : std::nullopt);
  json.key("retry_schedule");
  if (settings.schedule) {
    json.begin_array();
    for (const seconds wait : *settings.schedule) json.value(std::int64_t(wait.count()));
    json.end_array();
  } else {
    json.null();
  }
  json.member("secrets", std::int64_t(standing.secrets)).member("status", standing.status(now));
  json.member("failing_since", wire(standing.health.failing_since)).member("failures", standing.health.failures);
  json.member("rests_until", wire(standing.health.rests_until));
  json.member("created_at", endpoint.created_at.to_wire()).member("updated_at", endpoint.updated_at.to_wire());
  json.end_object();
}

void write_delivery(JsonWriter& json, const events::DeliveryRow& delivery) {
  json.begin_object().member("id", events::webhook_id(delivery.event, delivery.lane.endpoint));
  json.member("event_id", delivery.event.value).member("endpoint_id", delivery.lane.endpoint.value);
  json.member("type", events::name_of(delivery.type)).member("mode", name_of(delivery.mode));
  json.member("status", events::name_of(delivery.status)).member("tries", delivery.tries);
  json.member("next_try_at", wire(delivery.due_at)).member("created_at", delivery.created_at.to_wire());
  json.member("updated_at", delivery.updated_at.to_wire()).end_object();
}

void write_attempt(JsonWriter& json, const events::DeliveryAttempt& attempt, const std::optional<std::string>& url) {
  json.begin_object().member("number", attempt.number).member("started_at", attempt.started_at.to_iso8601());
  json.member("url", url).member("status", attempt.status).member("failure", attempt.failure);
  json.member("answer", attempt.answer);
  json.key("dns_ms").raw(milliseconds_text(attempt.dns)).key("connect_ms").raw(milliseconds_text(attempt.connect));
  json.key("tls_ms").raw(milliseconds_text(attempt.tls));
  json.key("first_byte_ms").raw(milliseconds_text(attempt.first_byte));
  json.key("total_ms").raw(milliseconds_text(attempt.total)).end_object();
}

void write_redelivery(JsonWriter& json, const Redelivery& redelivery) {
  json.begin_object().member("id", redelivery.key.id.value).member("endpoint_id", redelivery.endpoint.value);
  json.member("kind", events::name_of(redelivery.kind)).member("status", events::name_of(redelivery.status));
  json.member("since", redelivery.since.to_wire()).member("until", redelivery.until.to_wire());
  json.member("delivered_too", redelivery.delivered_too).member("total", redelivery.total);
  json.member("sent", redelivery.sent).member("delivered", redelivery.delivered);
  json.member("progress", progress(redelivery)).member("created_at", redelivery.created_at.to_wire());
  json.member("updated_at", redelivery.updated_at.to_wire()).end_object();
}

std::string endpoint_line(const EndpointStanding& standing, Timestamp now) {
  const events::Endpoint& endpoint = standing.endpoint;
  std::string line = "endpoint " + std::to_string(endpoint.key.endpoint.value) + "  " + endpoint.settings.url + "  " +
                     std::string(standing.status(now)) + "  " + type_names(endpoint.settings.types);
  if (endpoint.disabled_reason) line += "  (" + std::string(events::name_of(*endpoint.disabled_reason)) + ")";
  if (standing.health.failing_since) {
    line +=
        "  " + std::to_string(standing.health.failures) + " failures since " + standing.health.failing_since->to_wire();
  }
  return line;
}

std::string delivery_line(const events::DeliveryRow& delivery) {
  return "  " + padded(events::webhook_id(delivery.event, delivery.lane.endpoint), 16) + " " +
         padded(std::string(events::name_of(delivery.type)), 19) + " " +
         padded(std::string(events::name_of(delivery.status)), 10) + " tries " + std::to_string(delivery.tries) +
         (delivery.due_at ? "  next " + delivery.due_at->to_wire() : "");
}

std::string attempt_line(const events::DeliveryAttempt& attempt, const std::optional<std::string>& url) {
  constexpr std::size_t answer_shown_max = 200;
  const std::string outcome = attempt.status ? std::to_string(*attempt.status) : attempt.failure.value_or("no answer");
  std::string line = "try " + std::to_string(attempt.number) + "  " + attempt.started_at.to_wire() + "  " +
                     url.value_or("-") + "  → " + printable(outcome) + "  " + milliseconds_text(attempt.total) + " ms";
  if (!attempt.answer.empty()) line += "\n  " + printable(attempt.answer.substr(0, answer_shown_max));
  return line;
}

std::string redelivery_line(const Redelivery& redelivery) {
  return "redelivery " + std::to_string(redelivery.key.id.value) + "  " +
         std::string(events::name_of(redelivery.kind)) + " to endpoint " + std::to_string(redelivery.endpoint.value) +
         "  since " + redelivery.since.to_wire() + "  " + std::string(events::name_of(redelivery.status)) + "  " +
         std::to_string(progress(redelivery)) + " %  sent " + std::to_string(redelivery.sent) + "  delivered " +
         std::to_string(redelivery.delivered);
}

}  // namespace epay::app
