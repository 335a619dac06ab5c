#include <algorithm>

#include "app/screen.h"
#include "app/webhook_verbs.h"
#include "events/catalogue.h"
#include "events/delivery_log.h"
#include "events/owner.h"

namespace epay::app {
namespace {

constexpr int deliveries_shown = 100;
constexpr Mode modes[] = {Mode::test, Mode::live};

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

// What a line does not hold.
void print_settings(const EndpointView& view) {
  const events::EndpointSettings& settings = view.endpoint.settings;
  print_line("  " + std::to_string(settings.in_flight_max) + " in flight at most" +
             (settings.rate_limit ? ", " + std::to_string(*settings.rate_limit) + " a second" : "") +
             (settings.timeout ? ", timeout " + std::to_string(settings.timeout->count()) + " s" : "") +
             (settings.schedule ? ", a retry schedule of its own" : ""));
  for (const events::SigningSecret& secret : view.secrets) print_line(secret_line(secret));
}

Task<int> show_one(WebhookConfig config, VerbContext& context) {
  const Timestamp now = context.clock.now();
  const auto found = co_await context.database.read([&](db::Transaction& tx) -> Result<EndpointView> {
    const auto key = events::find_owner(tx, EndpointId{config.endpoint_id});
    if (!key) return std::unexpected(key.error());
    return view_endpoint(tx, *key, context.vault, now);
  });
  if (!found) co_return report(found.error());
  show(*found, now, config.json);
  if (!config.json) print_settings(*found);
  co_return 0;
}

Task<int> deliveries(WebhookConfig config, VerbContext& context) {
  const auto status = parse_status(config.status);
  if (!status) co_return report(status.error());
  if (config.merchant_id == 0 && config.endpoint_id == 0) {
    co_return report({ErrorCode::invalid, "whose? Give --merchant or --endpoint"});
  }
  const auto found =
      co_await context.database.read([&](db::Transaction& tx) -> Result<std::vector<api::ShownDelivery>> {
        DeliveryChoice choice{.merchant = {config.merchant_id}, .status = *status};
        if (config.endpoint_id == 0) return latest_deliveries(tx, choice, deliveries_shown);
        const auto key = events::find_owner(tx, EndpointId{config.endpoint_id});
        if (!key) return std::unexpected(key.error());
        choice.merchant = key->merchant;
        choice.endpoint = key->endpoint;
        return latest_deliveries(tx, choice, deliveries_shown);
      });
  if (!found) co_return report(found.error());
  for (const api::ShownDelivery& delivery : *found) show(delivery, config.json);
  co_return 0;
}

Task<int> attempts(WebhookConfig config, VerbContext& context) {
  const auto found =
      co_await context.database.read([&](db::Transaction& tx) { return find_named_delivery(tx, config.delivery); });
  if (!found) co_return report(found.error());
  if (config.json) {
    JsonWriter json;
    api::write_details(json, *found);
    print_line(json.take());
    co_return 0;
  }
  show(found->shown, false);
  for (const auto& [attempt, url] : found->tries) print_line(attempt_line(attempt, url.value_or("-")));
  co_return 0;
}

}  // namespace

std::vector<api::ShownDelivery> latest_deliveries(db::Transaction& tx, const DeliveryChoice& choice, int limit) {
  std::vector<events::LoggedDelivery> all;
  for (const Mode mode : modes) {
    events::DeliveryQuery query{
        .scope = {choice.merchant, mode}, .endpoint = choice.endpoint, .status = choice.status, .limit = limit};
    std::optional<events::DeliveryName> before;
    // One page looks at a part of them only.
    do {
      auto page = events::list_deliveries(tx, query, before);
      query.limit -= static_cast<int>(page.deliveries.size());
      all.insert(all.end(), page.deliveries.begin(), page.deliveries.end());
      before = page.cursor;
    } while (before && query.limit > 0);
  }
  std::ranges::sort(all, std::greater(), [](const events::LoggedDelivery& delivery) {
    return std::pair(delivery.event, delivery.lane.endpoint);
  });
  if (all.size() > static_cast<std::size_t>(limit)) all.erase(all.begin() + limit, all.end());
  return payments::with_references(tx, std::move(all));
}

Result<api::DeliveryDetails> find_named_delivery(db::Transaction& tx, const std::string& name) {
  const auto named = events::parse_webhook_id(name);
  if (!named) return fail(ErrorCode::invalid, "--delivery: must be a webhook id, such as msg_17_4");
  const auto key = events::find_owner(tx, named->endpoint);
  if (!key) return fail(ErrorCode::not_found, "There is no delivery " + name);
  auto found = payments::find_details(tx, {key->merchant, Mode::test}, *named);
  if (!found) found = payments::find_details(tx, {key->merchant, Mode::live}, *named);
  return found;
}

void show(const EndpointView& view, Timestamp now, bool json) {
  print_line(json ? view.json : endpoint_line(view, now));
}

void show(const api::ShownDelivery& delivery, bool json) {
  print_line(json ? delivery_json(delivery) : delivery_line(delivery.delivery));
}

void show(const events::Redelivery& redelivery, bool json) {
  print_line(json ? redelivery_json(redelivery) : redelivery_line(redelivery));
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
