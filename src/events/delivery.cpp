#include "events/delivery.h"

#include <algorithm>

#include "events/endpoint.h"
#include "events/event_store.h"
#include "events/redelivery.h"
#include "processes/process.h"

namespace epay::events {
namespace {

// The columns of store::select_due and store::select_delivery_to_send.
Delivery read_waiting(const db::Row& row, LaneKey lane) {
  return {.lane = lane,
          .event = row.id<EventId>(0),
          .type = row.as<EventType>(1),
          .mode = row.as<Mode>(2),
          .sequence = int(row.integer(3)),
          .tries = int(row.integer(4)),
          .uncounted_tries = int(row.integer(5)),
          .resends = row.integer(9),
          .due_at = row.is_null(6) ? Timestamp() : row.time(6),
          .redelivery = row.is_null(7) ? std::nullopt : std::optional(row.id<RedeliveryId>(7)),
          .background = row.integer(8) != 0,
          .owner = row.id<ProcessId>(10),
          .payload = std::make_shared<const std::string>(row.text(11))};
}

std::optional<Delivery> find_to_send(db::Transaction& tx, LaneKey lane, EventId event) {
  return tx.query_one(
      store::select_delivery_to_send, [&](const db::Row& row) { return read_waiting(row, lane); }, lane.merchant,
      lane.endpoint, event);
}

// Of those that have something waiting in the lane, whose may be taken: the process's own first.
std::vector<ProcessId> takeable_owners(db::Transaction& tx, LaneKey lane, bool background) {
  const ProcessId own = tx.process();
  std::vector<ProcessId> found = {own};
  if (own == ProcessId()) return found;
  ProcessId after{-1};
  for (;;) {
    const auto owner = tx.query_one(
        store::select_next_owner, [](const db::Row& row) { return row.id<ProcessId>(0); }, lane.merchant, lane.endpoint,
        background ? 1 : 0, after);
    if (!owner) return found;
    if (*owner != own && processes::is_free(tx, *owner)) found.push_back(*owner);
    after = *owner;
  }
}

bool any_due(db::Transaction& tx, LaneKey lane, bool background, Timestamp horizon) {
  return std::ranges::any_of(takeable_owners(tx, lane, background), [&](ProcessId owner) {
    const auto due = tx.query_one(
        store::select_first_due, [](const db::Row& row) { return row.time(0); }, lane.merchant, lane.endpoint,
        background ? 1 : 0, owner);
    return due && *due <= horizon;
  });
}

std::vector<Delivery> own_deliveries(db::Transaction& tx, LaneKey lane, const WaitingQuery& query) {
  return tx.query_all(
      store::select_due, [&](const db::Row& row) { return read_waiting(row, lane); }, lane.merchant, lane.endpoint,
      query.background ? 1 : 0, tx.process(), query.from, query.until, query.limit);
}

std::optional<Delivery> unblock(db::Transaction& tx, LaneKey lane, EventId event, Timestamp now) {
  if (tx.execute(store::unblock_delivery, lane.merchant, lane.endpoint, event, now, tx.process()) == 0)
    return std::nullopt;
  return find_to_send(tx, lane, event);
}

}  // namespace

WaitingLanes waiting_lanes(db::Transaction& tx, LaneKey after, Timestamp horizon, int looked_at_max) {
  WaitingLanes found{{}, after, false};
  for (int i = 0; i < looked_at_max; ++i) {
    struct First {
      LaneKey lane;
      bool background;
      ProcessId owner;
      Timestamp due_at;
    };
    const auto first = tx.query_one(
        store::select_next_lane,
        [](const db::Row& row) {
          return First{
              {row.id<MerchantId>(0), row.id<EndpointId>(1)}, row.integer(2) != 0, row.id<ProcessId>(3), row.time(4)};
        },
        found.after.merchant, found.after.endpoint);
    if (!first) {
      found.done = true;
      break;
    }
    found.after = first->lane;
    // Mostly the first row says it all.
    const bool own = first->owner == tx.process();
    if ((own && first->due_at <= horizon) || any_due(tx, first->lane, true, horizon) ||
        (!first->background && any_due(tx, first->lane, false, horizon))) {
      found.lanes.push_back(first->lane);
    }
  }
  return found;
}

std::vector<Delivery> waiting_deliveries(db::Transaction& tx, LaneKey lane, const WaitingQuery& query) {
  auto own = own_deliveries(tx, lane, query);
  bool claimed = false;
  // What is due earlier than the last that there is room for goes before it, whosever it was.
  const bool full = static_cast<int>(own.size()) == query.limit;
  const Timestamp until = full ? own.back().due_at : query.until;
  const std::int64_t most = full ? query.limit : query.limit - static_cast<int>(own.size());
  for (const ProcessId owner : takeable_owners(tx, lane, query.background)) {
    if (owner == tx.process()) continue;
    claimed |= tx.execute(store::claim_due, lane.merchant, lane.endpoint, query.background ? 1 : 0, owner, tx.process(),
                          query.from, until, most) > 0;
  }
  return claimed ? own_deliveries(tx, lane, query) : own;
}

AttemptRecorded record_attempt(db::Transaction& tx, const DeliveryAttempt& attempt, const DeliveryState& state,
                               const BeforeTry& before, Timestamp now) {
  const LaneKey& lane = attempt.lane;
  const ProcessId own = tx.process();
  const ProcessId owner_after = state.due_at && !state.let_go ? own : ProcessId();
  std::optional<EventId> next;
  AttemptRecorded recorded{.superseded = true, .state = state, .resends = before.resends, .owner = {}, .next = {}};
  tx.query_each(
      store::update_delivery,
      [&](const db::Row& row) {
        if (!row.is_null(0)) next = row.id<EventId>(0);
        recorded.superseded = false;
        recorded.state = {row.as<DeliveryStatus>(1), int(row.integer(2)),
                          row.is_null(3) ? std::nullopt : std::optional(row.time(3)), state.let_go};
        recorded.resends = row.integer(4);
        recorded.owner = row.id<ProcessId>(5);
      },
      lane.merchant, lane.endpoint, attempt.event, state.status, attempt.number, state.uncounted_tries, state.due_at,
      now, before.resends, before.owner, own, owner_after);
  if (recorded.superseded) return recorded;
  tx.execute(store::insert_attempt, lane.merchant, lane.endpoint, attempt.event, attempt.number, attempt.started_at,
             attempt.endpoint_version, attempt.status, attempt.failure, db::Bytes{attempt.answer}, attempt.dns.count(),
             attempt.connect.count(), attempt.tls.count(), attempt.first_byte.count(), attempt.total.count());
  const bool lets_go = recorded.state.status != DeliveryStatus::waiting || attempt.number >= tries_before_the_next;
  if (lets_go && next) recorded.next = unblock(tx, lane, *next, now);
  return recorded;
}

Result<Delivery> resend(db::Transaction& tx, LaneKey lane, EventId event, std::optional<RedeliveryId> redelivery,
                        Timestamp now) {
  const std::string name = webhook_id(event, lane.endpoint);
  const auto endpoint = find_endpoint(tx, lane);
  if (!endpoint) return std::unexpected(endpoint.error());
  if (!endpoint->enabled) {
    return fail(ErrorCode::conflict,
                "The endpoint " + std::to_string(lane.endpoint.value) + " is disabled; enable it first");
  }
  struct Standing {
    DeliveryStatus status;
    ProcessId owner;
  };
  const auto stands = tx.query_one(
      store::select_delivery_status,
      [](const db::Row& row) { return Standing{row.as<DeliveryStatus>(0), row.id<ProcessId>(1)}; }, lane.merchant,
      lane.endpoint, event);
  if (!stands) return fail(ErrorCode::not_found, "There is no delivery " + name);
  if (stands->status == DeliveryStatus::blocked) {
    return fail(ErrorCode::conflict, "The delivery " + name + " waits for an earlier event of the same payment");
  }
  const ProcessId owner = processes::is_free(tx, stands->owner) ? tx.process() : stands->owner;
  tx.execute(store::resend_delivery, lane.merchant, lane.endpoint, event, redelivery, redelivery ? 1 : 0, now, owner);
  return *find_to_send(tx, lane, event);
}

std::int64_t cancel_waiting(db::Transaction& tx, LaneKey lane, int limit, Timestamp now) {
  const auto events = tx.query_all(
      store::select_to_cancel, [](const db::Row& row) { return row.id<EventId>(0); }, lane.merchant, lane.endpoint,
      limit);
  for (std::optional<EventId> event : events) {
    // What waited for it would wait for ever.
    while (event) {
      const auto next = tx.query_one(
          store::cancel_delivery,
          [](const db::Row& row) { return row.is_null(0) ? std::nullopt : std::optional(row.id<EventId>(0)); },
          lane.merchant, lane.endpoint, *event, now);
      event = next ? *next : std::nullopt;
    }
  }
  return std::int64_t(events.size());
}

AttemptsDeleted delete_attempts(db::Transaction& tx, LaneKey after, Timestamp before, int limit) {
  constexpr int lanes_looked_at_max = 100;
  if (tx.keep_pieces(db::TimedTable::delivery_attempts, before, before + attempts_kept_for)) return {0, std::nullopt};
  AttemptsDeleted deleted{0, after};
  for (int looked_at = 0; looked_at < lanes_looked_at_max && deleted.count < limit; ++looked_at) {
    const auto lane = tx.query_one(
        store::select_next_attempts_lane,
        [](const db::Row& row) { return LaneKey{row.id<MerchantId>(0), row.id<EndpointId>(1)}; },
        deleted.after->merchant, deleted.after->endpoint);
    if (!lane) {
      deleted.after.reset();
      break;
    }
    // Later events were never tried that early: the lane's rows are not looked through for them.
    const EventId end = first_event_since(tx, lane->merchant, before).value_or(EventId{INT64_MAX});
    const std::int64_t rows_max = limit - deleted.count;
    const std::int64_t rows = tx.execute(store::delete_attempts, lane->merchant, lane->endpoint, before, rows_max, end);
    deleted.count += rows;
    if (rows < rows_max) deleted.after = *lane;
  }
  return deleted;
}

std::vector<DeliverySummary> recent_deliveries(db::Transaction& tx, MerchantId merchant, int limit) {
  return tx.query_all(
      store::select_deliveries,
      [](const db::Row& row) {
        return DeliverySummary{row.id<EndpointId>(0), row.id<EventId>(1),
                               row.as<EventType>(5),  row.as<DeliveryStatus>(2),
                               int(row.integer(3)),   row.is_null(4) ? std::nullopt : std::optional(row.time(4))};
      },
      merchant, limit);
}

void note_outside_change(db::Transaction& tx) { tx.execute(store::count_outside_change); }

std::int64_t outside_changes(db::Transaction& tx) {
  return tx.query_one(store::select_outside_changes, [](const db::Row& row) { return row.integer(0); }).value_or(0);
}

}  // namespace epay::events
