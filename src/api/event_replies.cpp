#include "api/event_replies.h"

namespace epay::api {
namespace {

constexpr int micros_per_milli = 1'000;

std::optional<std::string> wire_time(const std::optional<Timestamp>& time) {
  return time ? std::optional(time->to_wire()) : std::nullopt;
}

// The members of an event and of a delivery, without the braces around them.
void write_members(JsonWriter& json, const events::LoggedEvent& event) {
  json.member("id", event.id.value)
      .member("type", events::name_of(event.type))
      .member("mode", wire_name(event.mode))
      .member("sequence", event.sequence)
      .member("created_at", event.created_at.to_wire())
      .key("payload")
      .raw(event.payload);
}

void write_members(JsonWriter& json, const ShownDelivery& shown) {
  const events::LoggedDelivery& delivery = shown.delivery;
  json.member("id", events::webhook_id(delivery.event, delivery.lane.endpoint))
      .member("event_id", delivery.event.value)
      .member("endpoint_id", delivery.lane.endpoint.value)
      .member("type", events::name_of(delivery.type))
      .member("mode", wire_name(delivery.mode))
      .member("reference", shown.reference)
      .member("status", events::name_of(delivery.status))
      .member("tries", delivery.tries)
      .member("next_try_at", wire_time(delivery.due_at))
      .member("created_at", delivery.created_at.to_wire())
      .member("updated_at", delivery.updated_at.to_wire());
}

// "12.345": milliseconds as a decimal number.
void write_milliseconds(JsonWriter& json, std::string_view name, microseconds took) {
  const std::string whole = std::to_string(took.count() / micros_per_milli);
  std::string micros = std::to_string(took.count() % micros_per_milli);
  micros.insert(0, 3 - micros.size(), '0');
  json.key(name).raw(whole + "." + micros);
}

// Those headers of a try that can be known afterwards: neither signatures nor the endpoint's own are kept.
void write_request_headers(JsonWriter& json, const DeliveryDetails& details, const events::DeliveryAttempt& attempt) {
  json.key("request_headers").begin_object();
  json.member("content-type", "application/json")
      .member("webhook-id", events::webhook_id(attempt.event, attempt.lane.endpoint))
      .member("webhook-timestamp", std::to_string(attempt.started_at.unix_seconds()))
      .member("epay-event", events::name_of(details.event.type))
      .member("epay-delivery-attempt", std::to_string(attempt.number))
      .member("epay-sequence", std::to_string(details.event.sequence))
      .member("epay-mode", wire_name(details.event.mode));
  json.end_object();
}

void write_try(JsonWriter& json, const DeliveryDetails& details, const DeliveryDetails::Try& one) {
  const events::DeliveryAttempt& attempt = one.attempt;
  json.begin_object()
      .member("number", attempt.number)
      .member("started_at", attempt.started_at.to_iso8601())
      .member("url", one.url)
      .member("status", attempt.status)
      .member("failure", attempt.failure)
      .member("answer", attempt.answer)
      .member("answer_cut", attempt.answer.size() >= events::answer_kept_max);
  write_request_headers(json, details, attempt);
  write_milliseconds(json, "dns_ms", attempt.dns);
  write_milliseconds(json, "connect_ms", attempt.connect);
  write_milliseconds(json, "tls_ms", attempt.tls);
  write_milliseconds(json, "first_byte_ms", attempt.first_byte);
  write_milliseconds(json, "total_ms", attempt.total);
  json.end_object();
}

}  // namespace

std::string_view wire_name(Mode mode) { return mode == Mode::live ? "live" : "test"; }

void write_event(JsonWriter& json, const events::LoggedEvent& event) {
  json.begin_object();
  write_members(json, event);
  json.end_object();
}

void write_event(JsonWriter& json, const events::LoggedEvent& event, const std::vector<ShownDelivery>& deliveries) {
  json.begin_object();
  write_members(json, event);
  json.key("deliveries").begin_array();
  for (const ShownDelivery& delivery : deliveries) write_delivery(json, delivery);
  json.end_array().end_object();
}

void write_delivery(JsonWriter& json, const ShownDelivery& shown) {
  json.begin_object();
  write_members(json, shown);
  json.end_object();
}

void write_details(JsonWriter& json, const DeliveryDetails& details) {
  json.begin_object();
  write_members(json, details.shown);
  json.key("payload").raw(details.event.payload).key("attempts").begin_array();
  for (const DeliveryDetails::Try& one : details.tries) write_try(json, details, one);
  json.end_array().end_object();
}

}  // namespace epay::api
