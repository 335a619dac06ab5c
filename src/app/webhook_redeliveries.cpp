#include "app/moment.h"
#include "app/webhook_verbs.h"
#include "events/owner.h"
#include "events/redelivery.h"

namespace epay::app {
namespace {

using events::Redelivery;

constexpr int redeliveries_shown = 50;

Result<Timestamp> moment_of(const std::string& flag, const std::string& text, Timestamp now) {
  const auto moment = parse_moment(text, now);
  if (!moment) return fail(ErrorCode::invalid, flag + " " + moment.error().message);
  return *moment;
}

Task<int> begin(Redelivery::Kind kind, WebhookConfig config, VerbContext& context) {
  const Timestamp now = context.clock.now();
  const auto since = moment_of("--since", config.since, now);
  if (!since) co_return report(since.error());
  const auto until = config.until.empty() ? Result<Timestamp>(now) : moment_of("--until", config.until, now);
  if (!until) co_return report(until.error());
  if (*until < *since) co_return report({ErrorCode::invalid, "--until: must not be before --since"});
  const auto begun = co_await change(context, [&](db::Transaction& tx, Timestamp) -> Result<Redelivery> {
    const auto key = events::find_owner(tx, EndpointId{config.endpoint_id});
    if (!key) return std::unexpected(key.error());
    return events::create_redelivery(tx, {*key, kind, config.delivered_too, *since, *until, now});
  });
  if (!begun) co_return report(begun.error());
  show(*begun, config.json);
  co_return 0;
}

Task<int> list(WebhookConfig config, VerbContext& context) {
  const auto found = co_await context.database.read([&](db::Transaction& tx) -> Result<std::vector<Redelivery>> {
    return events::list_redeliveries(tx, MerchantId{config.merchant_id}, redeliveries_shown);
  });
  if (!found) co_return report(found.error());
  for (const Redelivery& redelivery : *found) show(redelivery, config.json);
  co_return 0;
}

using Turn = Result<Redelivery> (*)(db::Transaction& tx, events::RedeliveryKey key, Timestamp now);

Task<int> turn(Turn into, WebhookConfig config, VerbContext& context) {
  const auto turned = co_await change(context, [&](db::Transaction& tx, Timestamp now) -> Result<Redelivery> {
    const auto key = events::find_owner(tx, RedeliveryId{config.redelivery_id});
    if (!key) return std::unexpected(key.error());
    return into(tx, *key, now);
  });
  if (!turned) co_return report(turned.error());
  show(*turned, config.json);
  co_return 0;
}

int run(const WebhookConfig& config, std::function<Task<int>(VerbContext&)> work) {
  return run_on_store(config.store, std::move(work), MasterKey::not_needed);
}

}  // namespace

int webhook_recover(const WebhookConfig& config) {
  return run(config, [&](VerbContext& context) { return begin(Redelivery::Kind::recover, config, context); });
}

int webhook_replay(const WebhookConfig& config) {
  return run(config, [&](VerbContext& context) { return begin(Redelivery::Kind::replay, config, context); });
}

int webhook_redeliveries(const WebhookConfig& config) {
  return run(config, [&](VerbContext& context) { return list(config, context); });
}

int webhook_cancel(const WebhookConfig& config) {
  return run(config, [&](VerbContext& context) { return turn(events::cancel_redelivery, config, context); });
}

int webhook_resume(const WebhookConfig& config) {
  return run(config, [&](VerbContext& context) { return turn(events::resume_redelivery, config, context); });
}

}  // namespace epay::app
