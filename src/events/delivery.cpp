#include "events/delivery.h"

#include "events/endpoint.h"
#include "events/event_store.h"
#include "events/redelivery.h"

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
          .payload = std::make_shared<const std::string>(row.text(10))};
}

std::optional<Delivery> find_to_send(db::Transaction& tx, LaneKey lane, EventId event) {
  return tx.query_one(
      store::select_delivery_to_send, [&](const db::Row& row) { return read_waiting(row, lane); }, lane.merchant,
      lane.endpoint, event);
}

bool background_due(db::Transaction& tx, LaneKey lane, Timestamp horizon) {
  const auto due = tx.query_one(
      store::select_first_due, [](const db::Row& row) { return row.time(0); }, lane.merchant, lane.endpoint, 1);
  return due && *due <= horizon;
}

std::optional<Delivery> unblock(db::Transaction& tx, LaneKey lane, EventId event, Timestamp now) {
  if (tx.execute(store::unblock_delivery, lane.merchant, lane.endpoint, event, now) == 0) return std::nullopt;
  return find_to_send(tx, lane, event);
}

}  // namespace

WaitingLanes waiting_lanes(db::Transaction& tx, LaneKey after, Timestamp horizon, int looked_at_max) {
  WaitingLanes found{{}, after, false};
  for (int i = 0; i < looked_at_max; ++i) {
    struct First {
      LaneKey lane;
      bool background;
      Timestamp due_at;
    };
    const auto first = tx.query_one(
        store::select_next_lane,
        [](const db::Row& row) {
          return First{{row.id<MerchantId>(0), row.id<EndpointId>(1)}, row.integer(2) != 0, row.time(3)};
        },
        found.after.merchant, found.after.endpoint);
    if (!first) {
      found.done = true;
      break;
    }
    found.after = first->lane;
    if (first->due_at <= horizon || (!first->background && background_due(tx, first->lane, horizon))) {
      found.lanes.push_back(first->lane);
    }
  }
  return found;
}

std::vector<Delivery> waiting_deliveries(db::Transaction& tx, LaneKey lane, const WaitingQuery& query) {
  return tx.query_all(
      store::select_due, [&](const db::Row& row) { return read_waiting(row, lane); }, lane.merchant, lane.endpoint,
      query.background ? 1 : 0, query.from, query.until, query.limit);
}

AttemptRecorded record_attempt(db::Transaction& tx, const DeliveryAttempt& attempt, const DeliveryState& state,
                               std::int64_t resends, Timestamp now) {
  const LaneKey& lane = attempt.lane;
  tx.execute(store::insert_attempt, lane.merchant, lane.endpoint, attempt.event, attempt.number, attempt.started_at,
             attempt.endpoint_version, attempt.status, attempt.failure, db::Bytes{attempt.answer}, attempt.dns.count(),
             attempt.connect.count(), attempt.tls.count(), attempt.first_byte.count(), attempt.total.count());
  std::optional<EventId> next;
  AttemptRecorded recorded{state, resends, {}};
  tx.query_each(
      store::update_delivery,
      [&](const db::Row& row) {
        if (!row.is_null(0)) next = row.id<EventId>(0);
        recorded.state = {row.as<DeliveryStatus>(1), int(row.integer(2)),
                          row.is_null(3) ? std::nullopt : std::optional(row.time(3))};
        recorded.resends = row.integer(4);
      },
      lane.merchant, lane.endpoint, attempt.event, state.status, attempt.number, state.uncounted_tries, state.due_at,
      now, resends);
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
  const auto status = tx.query_one(
      store::select_delivery_status, [](const db::Row& row) { return row.as<DeliveryStatus>(0); }, lane.merchant,
      lane.endpoint, event);
  if (!status) return fail(ErrorCode::not_found, "There is no delivery " + name);
  if (*status == DeliveryStatus::blocked) {
    return fail(ErrorCode::conflict, "The delivery " + name + " waits for an earlier event of the same payment");
  }
  tx.execute(store::resend_delivery, lane.merchant, lane.endpoint, event, redelivery, redelivery ? 1 : 0, now);
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
