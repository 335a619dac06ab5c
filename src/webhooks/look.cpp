// What the dispatcher reads from the store: endpoints, more of what waits, and what was left by others.
#include "base/check.h"
#include "webhooks/dispatcher.h"

namespace epay::webhooks {
namespace {

constexpr seconds store_failure_wait{1};
// How long a lane rests whose endpoint cannot be used, so that nothing is sent and no try is used up.
constexpr seconds unusable_endpoint_wait{30};
constexpr std::size_t again_refill_rows = 32;
constexpr int lanes_looked_at_at_once = 128;
constexpr int cancelled_at_once = 500;
// Old attempts are deleted a little at a time.
constexpr minutes pruned_every{60};
constexpr int attempts_deleted_at_once = 500;

using events::Delivery;
using events::LaneKey;

struct EndpointRead {
  std::optional<events::Endpoint> endpoint;
  Result<std::vector<events::SigningSecret>> secrets;
  events::Health health;
};

EndpointRead read(db::Transaction& tx, LaneKey key, const Vault& vault, Timestamp now) {
  EndpointRead read{events::find_any_endpoint(tx, key), {}, {}};
  if (!read.endpoint || read.endpoint->deleted) return read;
  read.secrets = events::signing_secrets(tx, key, vault, now);
  read.health = events::find_health(tx, key);
  return read;
}

Result<std::shared_ptr<const Target>> target_of(EndpointRead read, const Vault& vault) {
  if (!read.secrets) return std::unexpected(read.secrets.error());
  const events::EndpointSettings& settings = read.endpoint->settings;
  auto url = http::Url::parse(settings.url);
  if (!url) return std::unexpected(url.error());
  auto extras = events::open_extras(*read.endpoint, vault);
  if (!extras) return std::unexpected(extras.error());
  auto target = std::make_shared<Target>();
  target->url = *std::move(url);
  target->extras = *std::move(extras);
  target->secrets = *std::move(read.secrets);
  if (settings.schedule) {
    target->schedule.emplace(std::vector<microseconds>(settings.schedule->begin(), settings.schedule->end()));
  }
  target->timeout = settings.timeout;
  target->rate_limit = settings.rate_limit;
  target->in_flight_max = settings.in_flight_max;
  target->version = read.endpoint->version;
  return target;
}

}  // namespace

// What is due later is left to the store until a look finds it near.
Timestamp Dispatcher::horizon() const { return clock_.now() + options_.store_look_every * 2; }

// ---- endpoints ----

void Dispatcher::begin_reading(Lane& lane) {
  if (!std::exchange(lane.reading, true)) tasks_.spawn(read_and_pump(lane.key));
}

Task<void> Dispatcher::read_and_pump(LaneKey key) {
  do {
    lane_of(key).read_again = false;
    const auto done = co_await read_endpoint(key);
    if (!done) {
      log_.error("endpoint_not_read",
                 {{"merchant", key.merchant}, {"endpoint", key.endpoint}, {"error", done.error().message}});
    }
  } while (lane_of(key).read_again && !stopping_);
  Lane& lane = lane_of(key);
  lane.reading = false;
  pump(lane);
  serve_waiting();
}

// Errors: unavailable; nothing is then sent for a while, a short one when it is the store that does not answer.
Task<Result<>> Dispatcher::read_endpoint(LaneKey key) {
  auto found = co_await database_.read([this, key, now = clock_.now()](db::Transaction& tx) -> Result<EndpointRead> {
    return read(tx, key, vault_, now);
  });
  Lane& lane = lane_of(key);
  const auto rests = [&](seconds wait, Error error) {
    lane.rests_until = std::max(lane.rests_until, clock_.now() + wait);
    return std::unexpected(std::move(error));
  };
  if (!found) co_return rests(store_failure_wait, found.error());
  const bool gone = !found->endpoint || found->endpoint->deleted;
  const bool was_closed = std::exchange(lane.closed, gone || !found->endpoint->enabled);
  lane.read_at = clock_.ticks();
  lane.changed = lane.read_again;
  if (lane.closed) drop_windows(lane);
  if (gone) {
    lane.target.reset();
    tasks_.spawn(cancel_deliveries(key));
    co_return Result<>();
  }
  if (was_closed && !lane.closed) lane.live.more_in_store = lane.again.more_in_store = true;
  const events::Health health = found->health;
  const std::int64_t version_before = lane.target ? lane.target->version : found->endpoint->version;
  auto target = target_of(*std::move(found), vault_);
  if (!target) co_return rests(unusable_endpoint_wait, target.error());
  lane.target = *std::move(target);
  if (lane.target->version != version_before) {
    // How it did before its owner changed it is what the store says, if it still says anything.
    lane.rests_until = {};
    lane.breaker = {};
  }
  take_health(lane, health);
  co_return Result<>();
}

void Dispatcher::take_health(Lane& lane, const events::Health& health) {
  lane.failing = health.failing_since || health.rests_until;
  if (health.rests_until) lane.rests_until = std::max(lane.rests_until, *health.rests_until);
  if (health.breaker_opened > lane.breaker.opened()) lane.breaker.reopen(health.breaker_opened);
  // Of a lane that memory has just made again: what failed before is not trusted as one that is new.
  if (health.failing_since && lane.standing == Standing::fresh) {
    set_standing(lane, Standing::bad);
    lane.timed_out = true;
  }
  if (rests_long(lane)) drop_windows(lane);
}

// What waits for an endpoint that was deleted, a little at a time.
Task<void> Dispatcher::cancel_deliveries(LaneKey key) {
  for (;;) {
    const auto cancelled = co_await database_.write(
        db::Lane::of(key.merchant), [key, now = clock_.now()](db::Transaction& tx) -> Result<std::int64_t> {
          return events::cancel_waiting(tx, key, cancelled_at_once, now);
        });
    if (!cancelled || *cancelled < cancelled_at_once || stopping_) break;
  }
  Lane* lane = find_lane(key);
  if (lane == nullptr) co_return;
  lane->live.more_in_store = lane->again.more_in_store = false;
  plan(*lane);
}

// ---- deliveries ----

void Dispatcher::begin_refill(Lane& lane) {
  lane.refilling = true;
  tasks_.spawn(refill(lane.key, Refill::more));
}

// Takes the earliest waiting deliveries of a lane from the store.
Task<void> Dispatcher::refill(LaneKey key, Refill which) {
  struct Wanted {
    Timestamp from;
    int rows = 0;
  };
  struct Waiting {
    std::vector<Delivery> live, again;
  };
  const auto wanted_of = [which](Queue& queue, std::size_t rows) {
    // What a refill may not have seen can stand before the last that it brought.
    const bool missed = std::exchange(queue.missed, false);
    const auto from = which == Refill::more && !missed ? queue.last_due() : std::nullopt;
    return Wanted{from.value_or(Timestamp()), static_cast<int>(rows)};
  };
  // More rows than may be known already, so that each refill gets on.
  Lane& before = lane_of(key);
  const Wanted live = wanted_of(before.live, window_of(before) + before.in_flight.size());
  const Wanted again = wanted_of(
      before.again, before.again.size() + again_refill_rows + static_cast<std::size_t>(before.again_in_flight));
  const auto take_some = [=, until = horizon()](db::Transaction& tx) -> Result<Waiting> {
    return Waiting{events::waiting_deliveries(tx, key, {false, live.from, until, live.rows}),
                   events::waiting_deliveries(tx, key, {true, again.from, until, again.rows})};
  };
  // What is claimed is written down.
  const auto waiting = database_.is_shared() ? co_await database_.write(db::Lane::of(key.merchant), take_some)
                                             : co_await database_.read(take_some);
  // A store that fails is not asked again at once.
  if (!waiting) co_await clock_.sleep(store_failure_wait);
  Lane& lane = lane_of(key);
  if (!waiting) lane.live.missed = lane.again.missed = true;
  const auto out_of_date = std::exchange(lane.recorded_since_refill, {});
  const auto take = [&](Queue& queue, const std::vector<Delivery>& rows, int limit) {
    queue.more_in_store = false;
    for (const Delivery& delivery : rows) {
      if (!out_of_date.contains(delivery.event)) admit(lane, delivery);
    }
    if (static_cast<int>(rows.size()) == limit || queue.missed) queue.more_in_store = true;
  };
  if (waiting) {
    take(lane.live, waiting->live, live.rows);
    take(lane.again, waiting->again, again.rows);
  }
  lane.refilling = std::exchange(lane.look_again, false) && !stopping_;
  if (lane.refilling) tasks_.spawn(refill(key, Refill::all));
  pump(lane);
}

// A lane that the store has something for.
Task<void> Dispatcher::look_at(LaneKey key) {
  if (!members_.is_alive()) co_return;
  Lane& lane = lane_of(key);
  if (lane.closed) {
    begin_reading(lane);
  } else if (rests_long(lane)) {
    // Its turn comes when it has rested.
    lane.live.more_in_store = lane.again.more_in_store = true;
    plan(lane);
  } else if (lane.refilling) {
    lane.look_again = true;
  } else if (is_memory_short() && !lane.live.empty()) {
    lane.live.more_in_store = true;
    lane.live.missed = true;
  } else {
    lane.refilling = true;
    co_await refill(key, Refill::all);
  }
}

// What was left when the process stopped or died, what comes near its time, and what other processes have written: lane
// by lane.
Task<void> Dispatcher::look_into_store() {
  while (!stopping_) {
    LaneKey after{};
    for (bool done = false; !done && !stopping_ && members_.is_alive();) {
      const auto found =
          co_await database_.read([after, until = horizon()](db::Transaction& tx) -> Result<events::WaitingLanes> {
            return events::waiting_lanes(tx, after, until, lanes_looked_at_at_once);
          });
      if (!found) break;
      after = found->after;
      done = found->done;
      for (const LaneKey& key : found->lanes) {
        if (!stopping_) co_await look_at(key);
      }
    }
    std::vector<LaneKey> keys;
    keys.reserve(lanes_.size());
    for (const auto& [key, lane] : lanes_) keys.push_back(key);
    for (const LaneKey& key : keys) plan(lane_of(key));
    co_await look_again_.wait_until(clock_.ticks() + options_.store_look_every);
  }
}

// Forgets attempts that have been kept for long enough.
Task<void> Dispatcher::prune_attempts() {
  while (!stopping_) {
    for (LaneKey after{}; !stopping_ && members_.leads();) {
      const auto deleted =
          co_await database_.write(db::Lane::unordered(),
                                   [after, before = clock_.now() - events::attempts_kept_for](
                                       db::Transaction& tx) -> Result<events::AttemptsDeleted> {
                                     return events::delete_attempts(tx, after, before, attempts_deleted_at_once);
                                   });
      if (!deleted || !deleted->after) break;
      after = *deleted->after;
    }
    co_await prune_.wait_until(clock_.ticks() + pruned_every);
  }
}

// A verb of the command line has changed an endpoint or made something due.
Task<void> Dispatcher::look_for_outside_changes() {
  std::optional<std::int64_t> seen;
  while (!stopping_) {
    const auto changes = co_await database_.read(
        [](db::Transaction& tx) -> Result<std::int64_t> { return events::outside_changes(tx); });
    if (changes && seen && *changes != *seen) {
      for (const auto& [key, lane] : lanes_) {
        lane->read_at.reset();
        if (lane->closed || lane->failing) begin_reading(*lane);
      }
      look_again_.notify();
      for (const auto& look : look_outside_) look();
    }
    if (changes) seen = *changes;
    co_await outside_.wait_until(clock_.ticks() + options_.outside_look_every);
  }
}

}  // namespace epay::webhooks
