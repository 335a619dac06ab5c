// Deliveries in the store: what waits, and what each try gave.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/database.h"
#include "events/event.h"

namespace epay::events {

// The first lane after `after` (in key order) that has something waiting.
std::optional<LaneKey> next_waiting_lane(db::Transaction& tx, LaneKey after);
// What waits in a lane and is due by `horizon`, earliest due first.
std::vector<Delivery> waiting_deliveries(db::Transaction& tx, LaneKey lane, Timestamp horizon, int limit);

// One try: what was sent is the event's payload, signed at `started_at`; this is what came back.
struct DeliveryAttempt {
  LaneKey lane;
  EventId event;
  int number = 1;
  Timestamp started_at;
  std::optional<int> status;           // of the answer
  std::optional<std::string> failure;  // why there was none
  std::string answer;                  // its first bytes
  microseconds dns{0}, connect{0}, first_byte{0}, total{0};
};

// What becomes of a delivery after a try.
struct DeliveryState {
  DeliveryStatus status = DeliveryStatus::waiting;
  int instant_tries = 0;
  std::optional<Timestamp> due_at;  // of the next try
};

void record_attempt(db::Transaction& tx, const DeliveryAttempt& attempt, const DeliveryState& state, Timestamp now);

struct DeliverySummary {
  EndpointId endpoint;
  EventId event;
  EventType type;
  DeliveryStatus status;
  int tries;
  std::optional<Timestamp> due_at;
};
// Newest first.
std::vector<DeliverySummary> recent_deliveries(db::Transaction& tx, MerchantId merchant, int limit);

}  // namespace epay::events
