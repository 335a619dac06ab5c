#include "webhooks/endpoint_letters.h"

#include "base/json_writer.h"

namespace epay::webhooks {
namespace {

std::string endpoint_data(const EndpointNews& news) {
  const events::Endpoint& endpoint = news.endpoint;
  JsonWriter json;
  json.begin_object().key("endpoint").begin_object();
  json.member("id", endpoint.key.endpoint.value)
      .member("url", endpoint.settings.url)
      .member("enabled", endpoint.enabled);
  json.key("disabled_reason");
  endpoint.disabled_reason ? json.value(name_of(*endpoint.disabled_reason)) : json.null();
  json.key("failing_since");
  news.health.failing_since ? json.value(news.health.failing_since->to_wire()) : json.null();
  json.member("failures", news.health.failures);
  return json.end_object().end_object().take();
}

events::Recorded record_event(db::Transaction& tx, const EndpointNews& news, events::EventType type, Timestamp now) {
  return events::record(tx, {.scope = {news.endpoint.key.merchant, news.mode},
                             .type = type,
                             .payload = events::envelope(type, now, endpoint_data(news)),
                             .now = now});
}

}  // namespace

events::Recorded tell_of_endpoint(db::Transaction& tx, const EndpointNews& news, Timestamp now) {
  switch (news.change) {
    case HealthChange::disabled_failing:
    case HealthChange::disabled_gone: return record_event(tx, news, events::EventType::endpoint_disabled, now);
    case HealthChange::recovered: return record_event(tx, news, events::EventType::endpoint_recovered, now);
    case HealthChange::none:
    case HealthChange::failing:
    case HealthChange::half_time:
    case HealthChange::nearly_over: break;
  }
  return {};
}

}  // namespace epay::webhooks
