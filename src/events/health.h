// How an endpoint has been doing: kept only of those that have failed, so that a good one costs nothing.
#pragma once

#include <optional>

#include "base/timestamp.h"
#include "db/database.h"
#include "events/event.h"

namespace epay::events {

// What its owner has been told of it since it began to fail.
enum class Told : std::int64_t { nothing = 0, failing = 1, half_time = 2, nearly_over = 3 };

struct Health {
  std::optional<Timestamp> failing_since;  // none: the last try succeeded
  std::int64_t failures = 0;               // since then
  Timestamp last_failure_at;
  std::optional<Timestamp> rests_until;  // nothing is sent before: its breaker is open, or it asked for it
  std::int64_t breaker_opened = 0;       // how often in a row
  Told told = Told::nothing;
  std::optional<Timestamp> told_at;  // when its owner last got a letter about it
};

// All well when nothing is kept.
Health find_health(db::Transaction& tx, LaneKey key);
void save_health(db::Transaction& tx, LaneKey key, const Health& health);

}  // namespace epay::events
