#include "events/delivery.h"

#include "events/event_store.h"

namespace epay::events {

std::optional<LaneKey> next_waiting_lane(db::Transaction& tx, LaneKey after) {
  return tx.query_one(
      store::select_next_lane, [](const db::Row& row) { return LaneKey{row.id<MerchantId>(0), row.id<EndpointId>(1)}; },
      after.merchant, after.endpoint);
}

std::vector<Delivery> waiting_deliveries(db::Transaction& tx, LaneKey lane, Timestamp horizon, int limit) {
  return tx.query_all(
      store::select_due,
      [&](const db::Row& row) {
        return Delivery{.lane = lane,
                        .event = row.id<EventId>(0),
                        .type = row.as<EventType>(3),
                        .tries = int(row.integer(1)),
                        .instant_tries = int(row.integer(5)),
                        .due_at = row.time(2),
                        .payload = std::make_shared<const std::string>(row.text(4))};
      },
      lane.merchant, lane.endpoint, horizon, limit);
}

void record_attempt(db::Transaction& tx, const DeliveryAttempt& attempt, const DeliveryState& state, Timestamp now) {
  const LaneKey& lane = attempt.lane;
  tx.execute(store::insert_attempt, lane.merchant, lane.endpoint, attempt.event, attempt.number, attempt.started_at,
             attempt.status, attempt.failure, db::Bytes{attempt.answer}, attempt.dns.count(), attempt.connect.count(),
             attempt.first_byte.count(), attempt.total.count());
  tx.execute(store::update_delivery, lane.merchant, lane.endpoint, attempt.event, state.status, attempt.number,
             state.instant_tries, state.due_at, now);
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

}  // namespace epay::events
