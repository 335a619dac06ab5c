#include "events/operator_view.h"

#include "events/operator_view_store.h"

namespace epay::events {
namespace {

DeliveryRow read_row(const db::Row& row, MerchantId merchant) {
  return {.lane = {merchant, row.id<EndpointId>(0)},
          .event = row.id<EventId>(1),
          .type = row.as<EventType>(2),
          .mode = row.as<Mode>(3),
          .status = row.as<DeliveryStatus>(4),
          .tries = int(row.integer(5)),
          .due_at = row.is_null(6) ? std::nullopt : std::optional(row.time(6)),
          .created_at = row.time(7),
          .updated_at = row.time(8)};
}

std::optional<MerchantId> owner(db::Transaction& tx, const db::Sql& sql, std::int64_t id) {
  return tx.query_one(sql, [](const db::Row& row) { return row.id<MerchantId>(0); }, id);
}

}  // namespace

Result<LaneKey> find_lane(db::Transaction& tx, EndpointId endpoint, bool deleted_too) {
  const auto merchant = owner(tx, deleted_too ? store::select_any_owner : store::select_owner, endpoint.value);
  if (!merchant) return fail(ErrorCode::not_found, "There is no endpoint " + std::to_string(endpoint.value));
  return LaneKey{*merchant, endpoint};
}

Result<RedeliveryKey> find_redelivery_key(db::Transaction& tx, RedeliveryId redelivery) {
  const auto merchant = owner(tx, store::select_redelivery_owner, redelivery.value);
  if (!merchant) return fail(ErrorCode::not_found, "There is no redelivery " + std::to_string(redelivery.value));
  return RedeliveryKey{*merchant, redelivery};
}

std::vector<DeliveryRow> filtered_deliveries(db::Transaction& tx, const DeliveryFilter& filter, int limit) {
  return tx.query_all(
      store::select_deliveries_page, [&](const db::Row& row) { return read_row(row, filter.merchant); },
      filter.merchant, filter.endpoint, filter.status, limit);
}

Result<DeliveryRow> find_delivery_row(db::Transaction& tx, LaneKey lane, EventId event) {
  auto found = tx.query_one(
      store::select_one_delivery, [&](const db::Row& row) { return read_row(row, lane.merchant); }, lane.merchant,
      lane.endpoint, event);
  if (!found) return fail(ErrorCode::not_found, "There is no delivery " + webhook_id(event, lane.endpoint));
  return *found;
}

std::vector<DeliveryAttempt> latest_attempts(db::Transaction& tx, LaneKey lane, EventId event, int limit) {
  return tx.query_all(
      store::select_attempts,
      [&](const db::Row& row) {
        return DeliveryAttempt{
            .lane = lane,
            .event = event,
            .number = int(row.integer(0)),
            .started_at = row.time(1),
            .endpoint_version = row.integer(2),
            .status = row.is_null(3) ? std::nullopt : std::optional(int(row.integer(3))),
            .failure = row.optional_string(4),
            .answer = row.is_null(5) ? "" : row.string(5),
            .dns = microseconds(row.integer(6)),
            .connect = microseconds(row.integer(7)),
            .tls = microseconds(row.integer(8)),
            .first_byte = microseconds(row.integer(9)),
            .total = microseconds(row.integer(10)),
        };
      },
      lane.merchant, lane.endpoint, event, limit);
}

}  // namespace epay::events
