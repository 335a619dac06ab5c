#include "api/endpoint_replies.h"

#include "api/query.h"
#include "events/health.h"
#include "merchants/merchant.h"
#include "webhooks/endpoint_settings.h"

namespace epay::api {
namespace {

constexpr std::size_t id_shown_max = 40;

std::optional<std::string> wire_time(const std::optional<Timestamp>& time) {
  return time ? std::optional(time->to_wire()) : std::nullopt;
}

template <class IdType>
Result<IdType> id_in(const http::Request& request, const char* what) {
  const std::string& text = request.path_parameters.at(0);
  const auto id = parse_id(text);
  if (!id) return fail(ErrorCode::not_found, "There is no " + std::string(what) + " " + text.substr(0, id_shown_max));
  return IdType{*id};
}

std::string_view status_of(const events::Endpoint& endpoint, const events::Health& health, Timestamp now) {
  if (!endpoint.enabled) return "disabled";
  if (health.rests_until && *health.rests_until > now) return "resting";
  return health.failing_since ? "failing" : "enabled";
}

void write_settings(JsonWriter& json, const events::EndpointSettings& settings, microseconds timeout) {
  const auto seconds_of = [](microseconds time) { return std::chrono::ceil<seconds>(time).count(); };
  json.member("rate_limit", settings.rate_limit)
      .member("in_flight_max", settings.in_flight_max)
      .member("timeout", settings.timeout ? settings.timeout->count() : seconds_of(timeout))
      .key("retry_schedule");
  if (!settings.schedule) {
    json.null();
    return;
  }
  json.begin_array();
  for (const seconds wait : *settings.schedule) json.value(wait.count());
  json.end_array();
}

// How far it has walked. One that waits for its last deliveries has walked to the end.
std::int64_t progress_of(const events::Redelivery& redelivery) {
  if (redelivery.status == events::Redelivery::Status::done) return 100;
  const std::int64_t all = redelivery.last.value - redelivery.first.value + 1;
  return all <= 0 ? 0 : (redelivery.cursor.value - redelivery.first.value + 1) * 100 / all;
}

}  // namespace

Result<EndpointId> endpoint_in(const http::Request& request) { return id_in<EndpointId>(request, "endpoint"); }

Result<RedeliveryId> redelivery_in(const http::Request& request) { return id_in<RedeliveryId>(request, "redelivery"); }

bool is_visible(const events::Endpoint& endpoint, Scope scope) {
  return !endpoint.settings.mode || *endpoint.settings.mode == scope.mode;
}

Result<events::Endpoint> find_endpoint(db::Transaction& tx, Scope scope, EndpointId id) {
  auto endpoint = events::find_endpoint(tx, {scope.merchant, id});
  if (endpoint && !is_visible(*endpoint, scope)) {
    return fail(ErrorCode::not_found, "There is no endpoint " + std::to_string(id.value));
  }
  return endpoint;
}

Result<> check_may_change(db::Transaction& tx, Scope scope, std::optional<Mode> mode) {
  if (scope.mode == Mode::live || mode == Mode::test || !merchants::has_live_integration(tx, scope.merchant)) return {};
  return fail(ErrorCode::conflict,
              "This endpoint hears of live payments: it is changed with an access token of live mode");
}

Result<events::Endpoint> find_endpoint_to_change(db::Transaction& tx, Scope scope, EndpointId id) {
  auto endpoint = find_endpoint(tx, scope, id);
  if (!endpoint) return endpoint;
  if (const auto may = check_may_change(tx, scope, endpoint->settings.mode); !may) return std::unexpected(may.error());
  return endpoint;
}

Result<events::Redelivery> find_redelivery(db::Transaction& tx, Scope scope, RedeliveryId id) {
  auto redelivery = events::find_redelivery(tx, {scope.merchant, id});
  if (!redelivery) return redelivery;
  const auto endpoint = events::find_any_endpoint(tx, redelivery->lane());
  if (!endpoint || !is_visible(*endpoint, scope)) {
    return fail(ErrorCode::not_found, "There is no redelivery " + std::to_string(id.value));
  }
  return redelivery;
}

std::string_view wire_name(events::SignatureScheme scheme) {
  switch (scheme) {
    case events::SignatureScheme::v1: return "v1";
    case events::SignatureScheme::v1a: return "v1a";
  }
  return "";
}

events::SignatureScheme find_scheme(std::string_view name) {
  return name == "v1a" ? events::SignatureScheme::v1a : events::SignatureScheme::v1;
}

Result<> EndpointReplies::write_endpoint(JsonWriter& json, db::Transaction& tx,
                                         const events::Endpoint& endpoint) const {
  const auto extras = events::open_extras(endpoint, vault);
  if (!extras) return std::unexpected(extras.error());
  const auto secrets = events::signing_secrets(tx, endpoint.key, vault, now);
  if (!secrets) return std::unexpected(secrets.error());
  const events::Health health = events::find_health(tx, endpoint.key);
  const bool rests = health.rests_until && *health.rests_until > now;
  const events::EndpointSettings& settings = endpoint.settings;

  json.begin_object()
      .member("id", endpoint.key.endpoint.value)
      .member("url", settings.url)
      .member("description", settings.description)
      .member("mode", webhooks::name_of(settings.mode))
      .key("events")
      .begin_array();
  for (const std::string_view name : webhooks::names_of(settings.types)) json.value(name);
  json.end_array()
      .member("enabled", endpoint.enabled)
      .member("disabled_reason", endpoint.disabled_reason.transform([](auto reason) { return name_of(reason); }))
      .member("disabled_at", wire_time(endpoint.disabled_at));
  write_settings(json, settings, timeout);
  json.key("headers").begin_object();
  for (const auto& [name, value] : extras->headers) json.member(name, value);
  const std::string_view authorization = webhooks::authorization_kind(extras->authorization);
  json.end_object()
      .member("authorization", authorization.empty() ? std::nullopt : std::optional(authorization))
      .member("signature", wire_name(secrets->empty() ? events::SignatureScheme::v1 : secrets->front().scheme))
      .member("status", status_of(endpoint, health, now))
      .member("failing_since", wire_time(health.failing_since))
      .member("failures", health.failing_since ? health.failures : 0)
      .member("rests_until", rests ? wire_time(health.rests_until) : std::nullopt)
      .member("created_at", endpoint.created_at.to_wire())
      .member("updated_at", endpoint.updated_at.to_wire())
      .end_object();
  return {};
}

Result<> EndpointReplies::write_secrets(JsonWriter& json, db::Transaction& tx, events::LaneKey key) const {
  const auto secrets = events::signing_secrets(tx, key, vault, now);
  if (!secrets) return std::unexpected(secrets.error());
  json.member("secret", secrets->empty() ? std::nullopt : std::optional(events::show_verifier(secrets->front())));
  json.key("secrets").begin_array();
  for (const events::SigningSecret& secret : *secrets) {
    json.begin_object()
        .member("secret", events::show_verifier(secret))
        .member("signature", wire_name(secret.scheme))
        .member("created_at", secret.created_at.to_wire())
        .member("expires_at", wire_time(secret.expires_at))
        .end_object();
  }
  json.end_array();
  return {};
}

void write_redelivery(JsonWriter& json, const events::Redelivery& redelivery) {
  json.begin_object()
      .member("id", redelivery.key.id.value)
      .member("endpoint_id", redelivery.endpoint.value)
      .member("kind", name_of(redelivery.kind))
      .member("status", name_of(redelivery.status))
      .member("since", redelivery.since.to_wire())
      .member("until", redelivery.until.to_wire())
      .member("delivered_too", redelivery.delivered_too)
      .member("total", redelivery.total)
      .member("sent", redelivery.sent)
      .member("delivered", redelivery.delivered)
      .member("progress", progress_of(redelivery))
      .member("created_at", redelivery.created_at.to_wire())
      .member("updated_at", redelivery.updated_at.to_wire())
      .end_object();
}

}  // namespace epay::api
