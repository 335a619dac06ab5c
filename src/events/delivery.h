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
// What waits in a lane, earliest due first.
std::vector<Delivery> waiting_deliveries(db::Transaction& tx, LaneKey lane, int limit);

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

// Records the try and what becomes of the delivery: delivered, waiting until `due_at`, or given up.
void record_attempt(db::Transaction& tx, const DeliveryAttempt& attempt, DeliveryStatus status,
                    std::optional<Timestamp> due_at, Timestamp now);

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
