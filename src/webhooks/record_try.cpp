#include "webhooks/record_try.h"

#include "base/check.h"
#include "events/redelivery.h"
#include "http/message.h"
#include "webhooks/endpoint_letters.h"

namespace epay::webhooks {
namespace {

using events::DisabledReason;

std::string failure_of(const events::DeliveryAttempt& attempt) {
  if (attempt.failure) return *attempt.failure;
  const int status = attempt.status.value_or(0);
  return std::to_string(status) + " " + std::string(http::reason_phrase(status));
}

// How the endpoint stands after it. Nothing is read or written of one that was good and is good.
TryRecorded update_health(db::Transaction& tx, const FinishedTry& finished, Timestamp now) {
  const events::LaneKey lane = finished.attempt.lane;
  events::Health health = events::find_health(tx, lane);
  const std::optional<Timestamp> failing_since = health.failing_since;
  const HealthChange change = finished.attempt.delivered()
                                  ? note_success(health, finished.ends_rest)
                                  : note_failure(health, finished.verdict.endpoint_is_gone, now);
  if (finished.rests_until) health.rests_until = finished.rests_until;
  if (finished.breaker_opened > 0) health.breaker_opened = finished.breaker_opened;
  events::save_health(tx, lane, health);
  if (change == HealthChange::none) return {};

  auto endpoint = events::find_endpoint(tx, lane);
  // Others of its tries were under way when it was disabled, or it was only tested.
  if (!endpoint || !endpoint->enabled) return {};
  TryRecorded result{.letter_queued = true};
  if (change == HealthChange::disabled_failing || change == HealthChange::disabled_gone) {
    const auto reason = change == HealthChange::disabled_gone ? DisabledReason::gone : DisabledReason::failing;
    EPAY_CHECK(events::disable_endpoint(tx, lane, reason, now).has_value());
    endpoint = events::find_endpoint(tx, lane);
    result.endpoint_changed = true;
  }
  if (!health.failing_since) health.failing_since = failing_since;
  result.recorded =
      tell_of_endpoint(tx, {*endpoint, health, change, failure_of(finished.attempt), finished.delivery.mode}, now);
  return result;
}

}  // namespace

TryRecorded record_try(db::Transaction& tx, const FinishedTry& finished, Timestamp now) {
  const events::Delivery& before = finished.delivery;
  auto attempt =
      events::record_attempt(tx, finished.attempt, finished.verdict.state, {before.resends, before.owner}, now);
  TryRecorded result{.superseded = attempt.superseded};
  if (attempt.superseded) return result;
  const bool delivered = finished.attempt.delivered();
  if (!delivered || finished.was_failing) result = update_health(tx, finished, now);
  if (delivered && finished.delivery.redelivery) {
    events::count_redelivered(tx, {finished.attempt.lane.merchant, *finished.delivery.redelivery});
  }
  if (attempt.next) result.recorded.deliveries.push_back(*std::move(attempt.next));
  result.state = attempt.state;
  result.resends = attempt.resends;
  result.owner = attempt.owner;
  return result;
}

}  // namespace epay::webhooks
