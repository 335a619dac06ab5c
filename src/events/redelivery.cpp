#include "events/redelivery.h"

#include <algorithm>

#include "base/check.h"
#include "events/delivery.h"
#include "events/endpoint.h"
#include "events/redelivery_store.h"

namespace epay::events {
namespace {

// Of a replay, in one step: most events may be none that the endpoint asks for.
constexpr int looked_at_most = 500;
// How far the clock may have been set back without an event being missed.
constexpr hours clock_error_max{1};

Redelivery read_redelivery(const db::Row& row) {
  return {.key = {row.id<MerchantId>(0), row.id<RedeliveryId>(1)},
          .endpoint = row.id<EndpointId>(2),
          .kind = row.as<Redelivery::Kind>(3),
          .delivered_too = row.integer(4) != 0,
          .since = row.time(5),
          .until = row.time(6),
          .first = row.id<EventId>(7),
          .last = row.id<EventId>(8),
          .cursor = row.id<EventId>(9),
          .status = row.as<Redelivery::Status>(10),
          .total = row.integer(11),
          .sent = row.integer(12),
          .delivered = row.integer(13),
          .created_at = row.time(14),
          .updated_at = row.time(15)};
}

Result<> check_no_other_runs(db::Transaction& tx, LaneKey lane) {
  const auto running = tx.query_one(
      store::select_running_for_endpoint, [](const db::Row& row) { return row.integer(0); }, lane.merchant,
      lane.endpoint);
  if (!running) return {};
  return fail(ErrorCode::conflict, "The redelivery " + std::to_string(*running) +
                                       " is running for this endpoint already; cancel it or wait for its end");
}

// What there is to walk over.
struct Range {
  EventId first, last;
};

Range range_of(db::Transaction& tx, const NewRedelivery& wanted) {
  const auto last = tx.query_one(
      store::select_last_event, [](const db::Row& row) { return row.id<EventId>(0); }, wanted.lane.merchant);
  const auto first = first_event_since(tx, wanted.lane.merchant, wanted.since - clock_error_max);
  if (!last || !first) return {EventId{1}, EventId{0}};
  return {*first, *last};
}

struct Candidates {
  std::vector<EventId> events;
  EventId cursor;
  bool done = false;
};

Candidates failed_ones(db::Transaction& tx, const Redelivery& walk, int limit) {
  Candidates found{{}, walk.cursor, false};
  int looked_at = 0;
  tx.query_each(
      store::select_failed,
      [&](const db::Row& row) {
        ++looked_at;
        found.cursor = row.id<EventId>(0);
        const Timestamp at = row.time(1);
        if (at >= walk.since && at <= walk.until) found.events.push_back(found.cursor);
      },
      walk.key.merchant, walk.endpoint, walk.cursor, walk.last, limit);
  found.done = looked_at < limit;
  return found;
}

Candidates all_events(db::Transaction& tx, const Redelivery& walk, const EndpointSettings& settings, int limit) {
  Candidates found{{}, walk.cursor, false};
  const int looked_at_max = std::min(looked_at_most, 20 + 8 * limit);
  int looked_at = 0;
  tx.query_each(
      store::select_events_to_replay,
      [&](const db::Row& row) {
        if (static_cast<int>(found.events.size()) == limit) return;
        ++looked_at;
        found.cursor = row.id<EventId>(0);
        const Timestamp at = row.time(1);
        if (at < walk.since || at > walk.until || !settings.types.contains(row.as<EventType>(2))) return;
        if (settings.mode && *settings.mode != row.as<Mode>(3)) return;
        if (!row.is_null(4)) {
          const auto status = row.as<DeliveryStatus>(4);
          if (status == DeliveryStatus::waiting || status == DeliveryStatus::blocked) return;
          if (status == DeliveryStatus::delivered && !walk.delivered_too) return;
        }
        found.events.push_back(found.cursor);
      },
      walk.key.merchant, walk.endpoint, walk.cursor, walk.last, looked_at_max);
  found.done = looked_at < looked_at_max && static_cast<int>(found.events.size()) < limit;
  return found;
}

void save(db::Transaction& tx, const Redelivery& walk) {
  tx.execute(store::update_redelivery, walk.key.merchant, walk.key.id, walk.cursor, walk.status, walk.sent,
             walk.updated_at);
}

}  // namespace

std::string_view name_of(Redelivery::Kind kind) {
  switch (kind) {
    case Redelivery::Kind::recover: return "recover";
    case Redelivery::Kind::replay: return "replay";
  }
  return "";
}

std::string_view name_of(Redelivery::Status status) {
  switch (status) {
    case Redelivery::Status::running: return "running";
    case Redelivery::Status::cancelled: return "cancelled";
    case Redelivery::Status::done: return "done";
  }
  return "";
}

Result<Redelivery> create_redelivery(db::Transaction& tx, const NewRedelivery& wanted) {
  const auto endpoint = find_endpoint(tx, wanted.lane);
  if (!endpoint) return std::unexpected(endpoint.error());
  if (!endpoint->enabled) {
    return fail(ErrorCode::conflict,
                "The endpoint " + std::to_string(wanted.lane.endpoint.value) + " is disabled; enable it first");
  }
  if (const auto alone = check_no_other_runs(tx, wanted.lane); !alone) return std::unexpected(alone.error());
  const Range range = range_of(tx, wanted);
  Redelivery walk{.key = {wanted.lane.merchant, RedeliveryId{tx.next_id(db::Sequence::redelivery)}},
                  .endpoint = wanted.lane.endpoint,
                  .kind = wanted.kind,
                  .delivered_too = wanted.delivered_too,
                  .since = wanted.since,
                  .until = wanted.until,
                  .first = range.first,
                  .last = range.last,
                  .cursor = {range.first.value - 1},
                  .created_at = wanted.now,
                  .updated_at = wanted.now};
  walk.total = wanted.kind == Redelivery::Kind::replay
                   ? walk.last.value - walk.cursor.value
                   : *tx.query_one(
                         store::count_failed, [](const db::Row& row) { return row.integer(0); }, walk.key.merchant,
                         walk.endpoint, walk.cursor, walk.last);
  tx.execute(store::insert_redelivery, walk.key.merchant, walk.key.id, walk.endpoint, walk.kind,
             walk.delivered_too ? 1 : 0, walk.since, walk.until, walk.first, walk.last, walk.cursor, walk.status,
             walk.total, walk.created_at);
  return walk;
}

Result<Redelivery> find_redelivery(db::Transaction& tx, RedeliveryKey key) {
  auto found = tx.query_one(store::select_redelivery, read_redelivery, key.merchant, key.id);
  if (!found) return fail(ErrorCode::not_found, "There is no redelivery " + std::to_string(key.id.value));
  return *std::move(found);
}

std::vector<Redelivery> list_redeliveries(db::Transaction& tx, MerchantId merchant, int limit) {
  return tx.query_all(store::select_redeliveries, read_redelivery, merchant, limit);
}

std::vector<Redelivery> list_redeliveries(db::Transaction& tx, Scope scope, int limit) {
  return tx.query_all(store::select_redeliveries_of_mode, read_redelivery, scope.merchant, scope.mode, limit);
}

std::vector<Redelivery> running_redeliveries(db::Transaction& tx, RedeliveryKey after, int limit) {
  return tx.query_all(store::select_running, read_redelivery, after.merchant, after.id, limit);
}

Result<Redelivery> cancel_redelivery(db::Transaction& tx, RedeliveryKey key, Timestamp now) {
  auto walk = find_redelivery(tx, key);
  if (!walk) return walk;
  if (walk->status != Redelivery::Status::running) {
    return fail(ErrorCode::conflict, "The redelivery " + std::to_string(key.id.value) + " is " +
                                         std::string(name_of(walk->status)) + " already");
  }
  walk->status = Redelivery::Status::cancelled;
  walk->updated_at = now;
  save(tx, *walk);
  return walk;
}

Result<Redelivery> resume_redelivery(db::Transaction& tx, RedeliveryKey key, Timestamp now) {
  auto walk = find_redelivery(tx, key);
  if (!walk) return walk;
  if (walk->status != Redelivery::Status::cancelled) {
    return fail(ErrorCode::conflict, "The redelivery " + std::to_string(key.id.value) + " is " +
                                         std::string(name_of(walk->status)) + ", not cancelled");
  }
  if (const auto alone = check_no_other_runs(tx, walk->lane()); !alone) return std::unexpected(alone.error());
  walk->status = Redelivery::Status::running;
  walk->updated_at = now;
  save(tx, *walk);
  return walk;
}

Result<RedeliveryStep> step_redelivery(db::Transaction& tx, RedeliveryKey key, int limit, Timestamp now) {
  auto walk = find_redelivery(tx, key);
  if (!walk) return std::unexpected(walk.error());
  RedeliveryStep step{*walk, {}, false};
  Redelivery& at = step.redelivery;
  if (at.status != Redelivery::Status::running) return step;
  const auto endpoint = find_any_endpoint(tx, at.lane());
  EPAY_CHECK(endpoint.has_value());
  at.updated_at = now;
  if (endpoint->deleted) {
    at.status = Redelivery::Status::cancelled;
    save(tx, at);
    return step;
  }
  if (!endpoint->enabled) {
    step.endpoint_disabled = true;
    return step;
  }
  const Candidates next =
      at.kind == Redelivery::Kind::recover ? failed_ones(tx, at, limit) : all_events(tx, at, endpoint->settings, limit);
  for (const EventId event : next.events) {
    tx.execute(store::insert_missing_delivery, key.merchant, at.endpoint, event, now);
    auto delivery = resend(tx, at.lane(), event, key.id, now);
    EPAY_CHECK(delivery.has_value());
    step.deliveries.push_back(*std::move(delivery));
  }
  at.cursor = next.cursor;
  at.sent += std::int64_t(next.events.size());
  if (next.done) at.status = Redelivery::Status::done;
  save(tx, at);
  return step;
}

int untried_of_redelivery(db::Transaction& tx, const Redelivery& redelivery) {
  constexpr int counted_max = 500;
  return int(*tx.query_one(
      store::count_untried, [](const db::Row& row) { return row.integer(0); }, redelivery.key.merchant,
      redelivery.endpoint, redelivery.key.id, counted_max));
}

void count_redelivered(db::Transaction& tx, RedeliveryKey key) {
  tx.execute(store::count_redelivered, key.merchant, key.id);
}

std::optional<EventId> first_event_since(db::Transaction& tx, MerchantId merchant, Timestamp since) {
  struct Found {
    EventId id;
    Timestamp at;
  };
  const auto from = [&](std::int64_t id) {
    return tx.query_one(
        store::select_event_from, [](const db::Row& row) { return Found{row.id<EventId>(0), row.time(1)}; }, merchant,
        id);
  };
  const auto last = tx.query_one(store::select_last_event, [](const db::Row& row) { return row.integer(0); }, merchant);
  if (!last) return std::nullopt;
  // The first one sought is above `low` and at most `high`, if it is there at all.
  std::int64_t low = 0;
  std::int64_t high = *last + 1;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    const auto found = from(middle);
    (found && found->at < since ? low : high) = middle;
  }
  const auto first = from(high);
  return first ? std::optional(first->id) : std::nullopt;
}

}  // namespace epay::events
