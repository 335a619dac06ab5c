#include "app/screen.h"
#include "app/webhook_verbs.h"
#include "events/catalogue.h"
#include "events/endpoint.h"
#include "events/signing_secret.h"

namespace epay::app {
namespace {

constexpr int deliveries_shown = 100;
constexpr int attempts_shown = 100;

Result<std::optional<events::DeliveryStatus>> parse_status(const std::string& text) {
  using events::DeliveryStatus;
  if (text.empty()) return std::nullopt;
  for (const DeliveryStatus status : {DeliveryStatus::waiting, DeliveryStatus::delivered, DeliveryStatus::given_up,
                                      DeliveryStatus::blocked, DeliveryStatus::cancelled}) {
    if (text == events::name_of(status)) return status;
  }
  return fail(ErrorCode::invalid, "--status: must be waiting, delivered, failed, blocked or cancelled");
}

std::string secret_line(const events::SigningSecret& secret) {
  return "  secret " + std::to_string(secret.number) + " of " + secret.created_at.to_wire() +
         (secret.expires_at ? ", signs until " + secret.expires_at->to_wire() : "");
}

Task<int> show_one(WebhookConfig config, VerbContext& context) {
  struct Found {
    EndpointStanding standing;
    std::vector<events::SigningSecret> secrets;
  };
  const Timestamp now = context.clock.now();
  const auto found = co_await context.database.read([&](db::Transaction& tx) -> Result<Found> {
    const auto key = events::find_lane(tx, EndpointId{config.endpoint_id});
    if (!key) return std::unexpected(key.error());
    auto standing = find_standing(tx, *key, context.vault, now);
    if (!standing) return std::unexpected(standing.error());
    auto secrets = events::signing_secrets(tx, *key, context.vault, now);
    if (!secrets) return std::unexpected(secrets.error());
    return Found{*std::move(standing), *std::move(secrets)};
  });
  if (!found) co_return report(found.error());
  show(found->standing, now, config.json);
  if (config.json) co_return 0;
  const events::EndpointSettings& settings = found->standing.endpoint.settings;
  if (settings.description) print_line("  " + printable(*settings.description));
  print_line("  " + std::to_string(settings.in_flight_max) + " in flight at most" +
             (settings.rate_limit ? ", " + std::to_string(*settings.rate_limit) + " a second" : "") +
             (settings.timeout ? ", timeout " + std::to_string(settings.timeout->count()) + " s" : "") +
             (settings.schedule ? ", a retry schedule of its own" : ""));
  for (const events::SigningSecret& secret : found->secrets) print_line(secret_line(secret));
  co_return 0;
}

Task<int> deliveries(WebhookConfig config, VerbContext& context) {
  const auto status = parse_status(config.status);
  if (!status) co_return report(status.error());
  if (config.merchant_id == 0 && config.endpoint_id == 0) {
    co_return report({ErrorCode::invalid, "whose? Give --merchant or --endpoint"});
  }
  const auto found =
      co_await context.database.read([&](db::Transaction& tx) -> Result<std::vector<events::DeliveryRow>> {
        events::DeliveryFilter filter{.merchant = {config.merchant_id}, .status = *status};
        if (config.endpoint_id == 0) return events::filtered_deliveries(tx, filter, deliveries_shown);
        const auto key = events::find_lane(tx, EndpointId{config.endpoint_id}, true);
        if (!key) return std::unexpected(key.error());
        filter.merchant = key->merchant;
        filter.endpoint = key->endpoint;
        return events::filtered_deliveries(tx, filter, deliveries_shown);
      });
  if (!found) co_return report(found.error());
  for (const events::DeliveryRow& delivery : *found) show(delivery, config.json);
  co_return 0;
}

Task<int> attempts(WebhookConfig config, VerbContext& context) {
  struct Shown {
    events::DeliveryAttempt attempt;
    std::optional<std::string> url;
  };
  const auto found = co_await context.database.read([&](db::Transaction& tx) -> Result<std::vector<Shown>> {
    const auto named = find_named_delivery(tx, config.delivery);
    if (!named) return std::unexpected(named.error());
    std::vector<Shown> all;
    for (auto& attempt : events::latest_attempts(tx, named->lane, named->event, attempts_shown)) {
      auto url = events::endpoint_url_at(tx, named->lane, attempt.endpoint_version);
      all.push_back({std::move(attempt), std::move(url)});
    }
    return all;
  });
  if (!found) co_return report(found.error());
  for (const auto& [attempt, url] : *found) {
    JsonWriter json;
    if (config.json) write_attempt(json, attempt, url);
    print_line(config.json ? json.take() : attempt_line(attempt, url));
  }
  co_return 0;
}

}  // namespace

Result<EndpointStanding> find_standing(db::Transaction& tx, events::LaneKey key, const Vault& vault, Timestamp now) {
  auto endpoint = events::find_endpoint(tx, key);
  if (!endpoint) return std::unexpected(endpoint.error());
  const auto secrets = events::signing_secrets(tx, key, vault, now);
  if (!secrets) return std::unexpected(secrets.error());
  return EndpointStanding{*std::move(endpoint), events::find_health(tx, key), secrets->size()};
}

Result<events::DeliveryRow> find_named_delivery(db::Transaction& tx, const std::string& name) {
  const auto named = events::parse_webhook_id(name);
  if (!named) return fail(ErrorCode::invalid, "--delivery: must be a webhook id, such as msg_17_4");
  const auto key = events::find_lane(tx, named->endpoint, true);
  if (!key) return std::unexpected(key.error());
  return events::find_delivery_row(tx, *key, named->event);
}

void show(const EndpointStanding& standing, Timestamp now, bool json) {
  JsonWriter out;
  if (json) write_endpoint(out, standing, now);
  print_line(json ? out.take() : endpoint_line(standing, now));
}

void show(const events::DeliveryRow& delivery, bool json) {
  JsonWriter out;
  if (json) write_delivery(out, delivery);
  print_line(json ? out.take() : delivery_line(delivery));
}

void show(const events::Redelivery& redelivery, bool json) {
  JsonWriter out;
  if (json) write_redelivery(out, redelivery);
  print_line(json ? out.take() : redelivery_line(redelivery));
}

int webhook_show(const WebhookConfig& config) {
  return run_on_store(config.store, [&](VerbContext& context) { return show_one(config, context); });
}

int webhook_deliveries(const WebhookConfig& config) {
  return run_on_store(
      config.store, [&](VerbContext& context) { return deliveries(config, context); }, MasterKey::not_needed);
}

int webhook_attempts(const WebhookConfig& config) {
  return run_on_store(
      config.store, [&](VerbContext& context) { return attempts(config, context); }, MasterKey::not_needed);
}

int list_event_types(bool json) {
  constexpr std::size_t name_width = 19;
  for (const events::EventKind& kind : events::catalogue()) {
    if (!json) {
      print_line(padded(std::string(kind.name), name_width) + " " + std::string(kind.description));
      continue;
    }
    JsonWriter out;
    out.begin_object().member("type", kind.name).member("description", kind.description);
    out.member("kept", kind.kept == events::Kept::always ? "always" : "when_asked_for");
    print_line(out.end_object().take());
  }
  return 0;
}

}  // namespace epay::app
