// One try: sent, judged, recorded.
#include <algorithm>

#include "base/check.h"
#include "webhooks/dispatcher.h"
#include "webhooks/signer.h"

namespace epay::webhooks {
namespace {

constexpr seconds store_failure_wait{1};
constexpr int sent_now_max = 32;

using events::Delivery;
using events::DeliveryAttempt;
using events::LaneKey;

std::string_view name_of(Mode mode) { return mode == Mode::live ? "live" : "test"; }

}  // namespace

http::Exchange Dispatcher::exchange_of(const Target& target, const Delivery& delivery,
                                       const DeliveryAttempt& attempt) const {
  http::Exchange exchange{
      .url = target.url, .body = *delivery.payload, .time_max = target.timeout.value_or(options_.exchange_time_max)};
  const std::string id = delivery.webhook_id();
  http::Headers& headers = exchange.headers;
  headers.add("content-type", "application/json");
  headers.add("user-agent", options_.user_agent);
  headers.add("webhook-id", id);
  headers.add("webhook-timestamp", std::to_string(attempt.started_at.unix_seconds()));
  headers.add("webhook-signature", signature_header(target.secrets, {id, attempt.started_at, *delivery.payload}));
  headers.add("epay-event", std::string(events::name_of(delivery.type)));
  headers.add("epay-delivery-attempt", std::to_string(attempt.number));
  headers.add("epay-sequence", std::to_string(delivery.sequence));
  headers.add("epay-mode", std::string(name_of(delivery.mode)));
  if (!target.extras.authorization.empty()) headers.add("authorization", target.extras.authorization);
  for (const auto& [name, value] : target.extras.headers) headers.add(name, value);
  return exchange;
}

Task<FinishedTry> Dispatcher::try_once(std::shared_ptr<const Target> target, Delivery delivery) {
  FinishedTry finished{.delivery = std::move(delivery)};
  DeliveryAttempt& attempt = finished.attempt;
  attempt.lane = finished.delivery.lane;
  attempt.event = finished.delivery.event;
  attempt.number = finished.delivery.tries + 1;
  attempt.started_at = clock_.now();
  attempt.endpoint_version = target->version;
  http::ExchangeReport report = co_await client_.exchange(exchange_of(*target, finished.delivery, attempt));
  attempt.dns = report.timings.dns;
  attempt.connect = report.timings.connect;
  attempt.tls = report.timings.tls;
  attempt.first_byte = report.timings.first_byte;
  attempt.total = report.timings.total;
  TryResult result{
      .tries = attempt.number, .uncounted_tries = finished.delivery.uncounted_tries, .took = attempt.total};
  if (report.answer) {
    attempt.status = result.status = report.answer->status;
    attempt.answer = std::move(report.answer->body);
    attempt.answer.resize(std::min(attempt.answer.size(), events::answer_kept_max));
    result.retry_after = report.answer->headers.get("retry-after");
  } else {
    attempt.failure = report.answer.error().message;
    result.could_not_connect = report.answer.error().code == ErrorCode::connection_failed;
    finished.timed_out = report.answer.error().code == ErrorCode::timed_out;
  }
  finished.verdict =
      judge(result, target->schedule ? *target->schedule : options_.schedule, clock_.now(), int(random_.below(400)));
  events::DeliveryState& state = finished.verdict.state;
  state.let_go = state.due_at && *state.due_at > horizon();
  co_return finished;
}

// What it says of the endpoint, beyond this delivery.
void Dispatcher::learn(Lane& lane, FinishedTry& finished, Ticks began) {
  finished.was_failing = lane.failing;
  const Ticks now = clock_.ticks();
  std::optional<microseconds> rest = finished.verdict.endpoint_rests;
  if (finished.attempt.delivered()) {
    finished.ends_rest = began > lane.rested_at;
    lane.breaker.succeeded(began, now);
    lane.timed_out = false;
    if (finished.ends_rest) {
      lane.failing = false;
      lane.rests_until = {};
    }
    if (lane.hanging == 0) set_standing(lane, Standing::good);
    return;
  }
  lane.failing = true;
  lane.timed_out = finished.timed_out;
  if (finished.timed_out) set_standing(lane, Standing::bad);
  if (lane.breaker.failed(began, now)) {
    rest = std::max(rest.value_or(microseconds(0)), lane.breaker.rest());
    log_.info(
        "endpoint_rests",
        {{"merchant", lane.key.merchant}, {"endpoint", lane.key.endpoint}, {"seconds", rest->count() / 1'000'000}});
  }
  finished.breaker_opened = lane.breaker.opened();
  if (!rest) return;
  lane.rested_at = now;
  lane.rests_until = std::max(lane.rests_until, clock_.now() + *rest);
  finished.rests_until = lane.rests_until;
}

void Dispatcher::report(const FinishedTry& finished) const {
  const DeliveryAttempt& attempt = finished.attempt;
  const TryReport report{attempt.lane, finished.delivery.redelivery, attempt.delivered(),
                         attempt.started_at - finished.delivery.due_at, attempt.total};
  for (const auto& observer : observers_) observer(report);
  if (attempt.delivered()) return;
  const auto& next = finished.verdict.state.due_at;
  log_.info("delivery_failed", {{"merchant", attempt.lane.merchant},
                                {"endpoint", attempt.lane.endpoint},
                                {"webhook_id", finished.delivery.webhook_id()},
                                {"try", attempt.number},
                                {"status", attempt.status.value_or(0)},
                                {"failure", attempt.failure.value_or("")},
                                {"next", next ? next->to_iso8601() : "given up"}});
}

// What cannot be written now stays ours: forgetting it would send it again, or never.
Task<TryRecorded> Dispatcher::record(const FinishedTry& finished) {
  for (;;) {
    auto recorded = co_await database_.write(db::Lane::of(finished.attempt.lane.merchant),
                                             [this, &finished](db::Transaction& tx) -> Result<TryRecorded> {
                                               return record_try(tx, finished, clock_.now());
                                             });
    if (recorded) co_return *std::move(recorded);
    if (stopping_) co_return TryRecorded();
    co_await clock_.sleep(store_failure_wait);
  }
}

// The slot is taken; it is free again when this ends.
Task<FinishedTry> Dispatcher::try_and_record(std::shared_ptr<const Target> target, Delivery delivery) {
  const Ticks began = clock_.ticks();
  FinishedTry finished = co_await try_once(std::move(target), std::move(delivery));
  learn(lane_of(finished.attempt.lane), finished, began);
  report(finished);
  TryRecorded recorded = co_await record(finished);
  if (recorded.letter_queued && wake_mail_) wake_mail_();
  // Whether the endpoint is to rest, or has come back, the others read in the store.
  const bool comes_back = finished.was_failing && finished.attempt.delivered() && finished.ends_rest;
  if (finished.rests_until || recorded.endpoint_changed || comes_back)
    tell_others(db::NoticeKind::endpoint, finished.attempt.lane);

  Lane& lane = lane_of(finished.attempt.lane);
  free_slot(lane, finished.attempt.event);
  // What was read of the endpoint while this was being written down was out of date.
  if (finished.attempt.delivered() && began > lane.rested_at) lane.rests_until = {};
  if (lane.refilling) lane.recorded_since_refill.insert(finished.attempt.event);
  if (recorded.endpoint_changed) {
    lane.closed = true;
    lane.read_again = lane.reading;
  }
  if (lane.closed || rests_long(lane)) drop_windows(lane);
  if (recorded.superseded) {
    // Whoever has taken it over may have left it to others since.
    lane.live.more_in_store = lane.live.missed = true;
  } else if (recorded.state.due_at) {
    Delivery next = finished.delivery;
    next.tries = finished.attempt.number;
    next.uncounted_tries = recorded.state.uncounted_tries;
    next.due_at = *recorded.state.due_at;
    next.background = next.background && recorded.resends == finished.delivery.resends;
    next.resends = recorded.resends;
    next.owner = recorded.owner;
    admit(lane, std::move(next));
  }
  pump(lane);
  publish(std::move(recorded.recorded));
  serve_waiting();
  co_return finished;
}

Task<void> Dispatcher::deliver(std::shared_ptr<const Target> target, Delivery delivery) {
  co_await try_and_record(std::move(target), std::move(delivery));
}

Task<Result<DeliveryAttempt>> Dispatcher::send_now(Delivery delivery) {
  if (sent_now_ >= sent_now_max || stopping_) {
    co_return fail(ErrorCode::too_many_requests, "Too many tests are under way; try again in a moment");
  }
  if (!is_own(delivery)) co_return fail(ErrorCode::unavailable, "Another process sends it");
  const LaneKey key = delivery.lane;
  const EventId event = delivery.event;
  Lane& before = lane_of(key);
  if (before.in_flight.contains(event)) {
    co_return fail(ErrorCode::conflict, "The delivery " + delivery.webhook_id() + " is under way already");
  }
  forget(before, event);
  // Nobody else sends it from here on.
  take_slot(before, delivery);
  ++sent_now_;
  const auto read = co_await read_endpoint(key);
  if (!read || !lane_of(key).target) {
    --sent_now_;
    free_slot(lane_of(key), event);
    if (!read) co_return std::unexpected(read.error());
    co_return fail(ErrorCode::not_found, "The endpoint was deleted");
  }
  FinishedTry finished = co_await try_and_record(lane_of(key).target, std::move(delivery));
  --sent_now_;
  co_return std::move(finished.attempt);
}

}  // namespace epay::webhooks
