// What happened, told to whoever asked: an event and one delivery per endpoint, inside the transaction that made it
// happen (the outbox). A delivery is unique per event and endpoint, for ever.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/timestamp.h"
#include "db/database.h"

namespace epay::events {

enum class EventType : std::int64_t { payment_success = 1, payment_failed = 2 };

std::string_view name_of(EventType type);  // "payment.success"

enum class DeliveryStatus : std::int64_t { waiting = 1, delivered = 2, given_up = 3 };

// Which endpoint's lane something belongs to.
struct LaneKey {
  MerchantId merchant;
  EndpointId endpoint;
  friend auto operator<=>(const LaneKey&, const LaneKey&) = default;
};

// A delivery that waits to be sent.
struct Delivery {
  LaneKey lane;
  EventId event;
  EventType type = EventType::payment_success;
  int tries = 0;          // so far
  int instant_tries = 0;  // of them, how many were made at once and are no step of the schedule
  Timestamp due_at;
  std::shared_ptr<const std::string> payload;  // the bytes to send, the same on every try

  // Standard Webhooks: names the event for this endpoint, the same on every retry; no '.' in it.
  std::string webhook_id() const;
};

struct NewEvent {
  Scope scope;
  EventType type;
  std::optional<PaymentId> payment;
  std::string payload;
  Timestamp now;
};

// Appends the event and a delivery, due now, for each enabled endpoint of the merchant.
std::vector<Delivery> record(db::Transaction& tx, NewEvent event);

}  // namespace epay::events
