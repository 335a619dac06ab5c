// What an operator looks at from the command line: deliveries and their attempts, named without their merchant.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "db/database.h"
#include "events/delivery.h"
#include "events/event.h"
#include "events/redelivery.h"

namespace epay::events {

// Whose endpoint it is. Errors: not_found (also when it was deleted, unless `deleted_too`).
Result<LaneKey> find_lane(db::Transaction& tx, EndpointId endpoint, bool deleted_too = false);
Result<RedeliveryKey> find_redelivery_key(db::Transaction& tx, RedeliveryId redelivery);

struct DeliveryRow {
  LaneKey lane;
  EventId event;
  EventType type = EventType::payment_success;
  Mode mode = Mode::test;
  DeliveryStatus status = DeliveryStatus::waiting;
  int tries = 0;
  std::optional<Timestamp> due_at;
  Timestamp created_at, updated_at;
};

struct DeliveryFilter {
  MerchantId merchant;
  std::optional<EndpointId> endpoint;
  std::optional<DeliveryStatus> status;
};
// Newest first.
std::vector<DeliveryRow> filtered_deliveries(db::Transaction& tx, const DeliveryFilter& filter, int limit);
// Error: not_found.
Result<DeliveryRow> find_delivery_row(db::Transaction& tx, LaneKey lane, EventId event);
// Newest first.
std::vector<DeliveryAttempt> latest_attempts(db::Transaction& tx, LaneKey lane, EventId event, int limit);

}  // namespace epay::events
