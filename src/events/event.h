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

// Their names, shapes and examples are in catalogue.h.
enum class EventType : std::int64_t {
  payment_success = 1,
  payment_failed = 2,
  payment_pending = 3,
  payout_success = 4,
  payout_failed = 5,
  payout_reversed = 6,
  refund_success = 7,
  refund_failed = 8,
  customer_created = 9,
  endpoint_disabled = 10,
  endpoint_recovered = 11,
  ping = 12,
};

std::string_view name_of(EventType type);  // "payment.success"
std::optional<EventType> find_type(std::string_view name);

// A set of event types, as a bit each.
struct EventTypes {
  std::int64_t bits = 0;
  // Those that will be added, too.
  static EventTypes all() { return {INT64_MAX}; }
  static EventTypes of(EventType type) { return {std::int64_t(1) << static_cast<int>(type)}; }
  bool contains(EventType type) const { return (bits & of(type).bits) != 0; }
  EventTypes& add(EventType type) {
    bits |= of(type).bits;
    return *this;
  }
  friend bool operator==(const EventTypes&, const EventTypes&) = default;
};

enum class DeliveryStatus : std::int64_t {
  waiting = 1,
  delivered = 2,
  given_up = 3,
  blocked = 4,    // until the payment's earlier event is delivered, given up, or has had `tries_before_the_next` tries
  cancelled = 5,  // its endpoint was deleted, or its redelivery cancelled
};
std::string_view name_of(DeliveryStatus status);

inline constexpr int tries_before_the_next = 3;

// Which endpoint's lane something belongs to.
struct LaneKey {
  MerchantId merchant;
  EndpointId endpoint;
  friend auto operator<=>(const LaneKey&, const LaneKey&) = default;
};

// A delivery that waits to be sent.
struct Delivery {
  LaneKey lane;
  EventId event;  // numbered per merchant
  EventType type = EventType::payment_success;
  Mode mode = Mode::test;
  int sequence = 1;          // the event's place among those of its payment
  int tries = 0;             // so far
  int uncounted_tries = 0;   // of them, how many are no step of the schedule
  std::int64_t resends = 0;  // how often it was sent again on purpose
  Timestamp due_at;
  std::optional<RedeliveryId> redelivery;      // by which it is sent again
  bool background = false;                     // never ahead of what is new
  ProcessId owner;                             // who sends it
  std::shared_ptr<const std::string> payload;  // the bytes to send, the same on every try

  // Standard Webhooks: names the event for this endpoint, the same on every retry; no '.' in it.
  std::string webhook_id() const;
};

std::string webhook_id(EventId event, EndpointId endpoint);
// What a webhook id names. Nothing for any other text.
struct DeliveryName {
  EventId event;
  EndpointId endpoint;
};
std::optional<DeliveryName> parse_webhook_id(std::string_view text);

// What a transaction has recorded: to be published once it is durable.
struct Recorded {
  std::optional<MerchantId> merchant;  // set when there is an event at all
  std::optional<EventId> event;        // the latest
  std::vector<Delivery> deliveries;

  void add(Recorded other);
};

// The events of one payment, in order.
struct Chain {
  std::int64_t count = 0;
  std::optional<EventId> last;
};

struct NewEvent {
  Scope scope;
  EventType type;
  std::optional<PaymentId> payment;
  std::string payload;
  Timestamp now;
  bool asked_for = false;  // by somebody, now: it is kept whatever its type
};

// Appends the event and a delivery, due now, for each enabled endpoint that asks for it. Where a `chain` is given the
// event becomes its next: an endpoint that still waits for the one before gets this one after it. Types that are only
// recorded when asked for (catalogue.h) leave nothing behind where nobody asks.
Recorded record(db::Transaction& tx, NewEvent event, Chain* chain = nullptr);
// The same, with the endpoints that were asked for in the same transaction, for the event's type and scope.
using Listeners = db::Later<std::vector<EndpointId>>;
Listeners ask_for_listeners(db::Transaction& tx, Scope scope, EventType type);
Recorded record(db::Transaction& tx, NewEvent event, Listeners listeners, Chain* chain);
// The same for one endpoint alone, whatever it asks for: a test.
Recorded record_for(db::Transaction& tx, NewEvent event, EndpointId endpoint);

// Leaves `count` numbers out for every merchant: in a store that was restored from a copy nothing new may be taken for
// what was sent after the copy was made.
void skip_event_ids(db::Transaction& tx, std::int64_t count);

// The body of events other than payments' (WIRE §4 has those): {"type", "timestamp", "data"}.
std::string envelope(EventType type, Timestamp at, std::string_view data_json);

}  // namespace epay::events
