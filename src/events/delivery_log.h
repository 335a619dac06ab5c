// A merchant's deliveries as readers see them, over all its endpoints, deleted ones too: what was sent, what came back,
// what waits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/database.h"
#include "events/delivery.h"
#include "events/event.h"

namespace epay::events {

// One call looks at no more rows (an endpoint that has none in question counts as one).
inline constexpr int deliveries_looked_at_max = 2'048;
// Beside the endpoints that are there, the latest deleted ones are looked at.
inline constexpr int deleted_lanes_max = 400;
inline constexpr int attempts_shown_max = 50;

struct LoggedDelivery {
  LaneKey lane;
  EventId event;
  EventType type = EventType::payment_success;
  Mode mode = Mode::test;
  std::optional<PaymentId> payment;
  DeliveryStatus status = DeliveryStatus::waiting;
  int tries = 0;
  std::optional<Timestamp> due_at;
  Timestamp created_at, updated_at;  // created_at: of its event

  DeliveryName name() const { return {event, lane.endpoint}; }
};

// What is not named is not asked for: all are let through.
struct DeliveryQuery {
  Scope scope;  // deliveries of its mode alone
  std::optional<EndpointId> endpoint;
  std::optional<DeliveryStatus> status;
  std::optional<EventTypes> types;
  std::optional<std::vector<EventId>> events;  // newest first
  std::optional<Timestamp> since, until;       // of the events; `until` is not among them
  int limit = 0;
};

struct DeliveryPage {
  std::vector<LoggedDelivery> deliveries;
  std::optional<DeliveryName> cursor;  // where the next page begins; none when there is none
};

// Newest event first, and of one event the newest endpoint first; those behind `before`, where given.
DeliveryPage list_deliveries(db::Transaction& tx, const DeliveryQuery& query, std::optional<DeliveryName> before);
// Of one event.
std::vector<LoggedDelivery> deliveries_of(db::Transaction& tx, MerchantId merchant, EventId event);

// Error: not_found (also when it is of the other mode).
Result<LoggedDelivery> find_delivery(db::Transaction& tx, Scope scope, DeliveryName name);
// Its latest tries, in their order, at most attempts_shown_max.
std::vector<DeliveryAttempt> attempts_of(db::Transaction& tx, LaneKey lane, EventId event);

}  // namespace epay::events
