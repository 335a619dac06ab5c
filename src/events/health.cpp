#include "events/health.h"

#include "events/event_store.h"

namespace epay::events {
namespace {

std::optional<Timestamp> optional_time(const db::Row& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.time(column));
}

}  // namespace

Health find_health(db::Transaction& tx, LaneKey key) {
  const auto found = tx.query_one(
      store::select_health,
      [](const db::Row& row) {
        return Health{optional_time(row, 0), row.integer(1),  row.time(2),          optional_time(row, 3),
                      row.integer(4),        row.as<Told>(5), optional_time(row, 6)};
      },
      key.merchant, key.endpoint);
  return found.value_or(Health());
}

void save_health(db::Transaction& tx, LaneKey key, const Health& health) {
  tx.execute(store::save_health, key.merchant, key.endpoint, health.failing_since, health.failures,
             health.last_failure_at, health.rests_until, health.breaker_opened, health.told, health.told_at);
}

}  // namespace epay::events
