// What the dispatcher holds in memory of one endpoint: a window of what waits for it, what is under way, and how it
// has been doing. All of it can be made again from the store.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "base/timestamp.h"
#include "events/endpoint.h"
#include "events/event.h"
#include "events/signing_secret.h"
#include "http/client.h"
#include "webhooks/breaker.h"
#include "webhooks/retry_schedule.h"

namespace epay::webhooks {

// An endpoint as it was last read, ready to be sent to.
struct Target {
  http::Url url;
  events::RequestExtras extras;
  std::vector<events::SigningSecret> secrets;
  std::optional<RetrySchedule> schedule;  // its own
  std::optional<microseconds> timeout;
  std::optional<int> rate_limit;
  int in_flight_max = events::in_flight_max_default;
  std::int64_t version = 1;
};

// Deliveries of one lane and one priority, the earliest due first: those that are kept in memory.
class Queue {
 public:
  // One of the same event gives way.
  void put(events::Delivery delivery);
  events::Delivery take_first();
  void drop_last();
  void clear();
  void forget(EventId event);

  const events::Delivery* first() const { return window_.empty() ? nullptr : &window_.begin()->second; }
  // Whether one due then would stand behind all that are here.
  bool is_behind(const events::Delivery& delivery) const;
  // Where the last that is here is due; nothing when none is.
  std::optional<Timestamp> last_due() const {
    return window_.empty() ? std::nullopt : std::optional(window_.rbegin()->first.first);
  }
  std::size_t size() const { return window_.size(); }
  bool empty() const { return window_.empty(); }

  bool more_in_store = false;  // the store has some within the horizon that are not here
  bool missed = false;         // one was left to the store while a refill was reading: it may not have seen it

 private:
  using Key = std::pair<Timestamp, EventId>;
  std::map<Key, events::Delivery> window_;
  std::map<EventId, Timestamp> due_of_;
};

// How an endpoint has been holding its connections. What hangs must not take the room of what does not.
enum class Standing { good, fresh /* nothing is known of it */, bad /* it hangs */ };

struct InFlight {
  bool background = false;
  bool hangs = false;
};

struct Lane {
  events::LaneKey key;
  Queue live;   // what is new
  Queue again;  // what is sent again on purpose: after what is new, and never in more than half of the slots
  std::map<EventId, InFlight> in_flight;
  int again_in_flight = 0;  // of them, of `again`
  int hanging = 0;          // of them, under way for long
  Standing standing = Standing::fresh;
  bool timed_out = false;       // its last try: until one succeeds there is one at a time
  int sharers = 1;              // processes that send to the endpoint: each has its share of what it allows
  bool waits_for_room = false;  // stands in the queue of a standing
  bool refilling = false;
  // Recorded while a refill was reading: what it read of these is out of date.
  std::set<EventId> recorded_since_refill;
  std::optional<Timestamp> planned;

  // Of the endpoint.
  std::shared_ptr<const Target> target;
  std::optional<Ticks> read_at;
  bool reading = false;
  bool read_again = false;  // it has changed since the reading began
  bool changed = false;     // since it was read: nothing is sent by what was known before
  bool look_again = false;  // others have changed what waits since the refill began
  bool closed = false;      // it is disabled or deleted: nothing is sent
  bool failing = false;     // as the store has it
  Breaker breaker;
  Timestamp rests_until;
  Ticks rested_at;    // when it was told to rest
  Ticks paced_until;  // by its rate limit

  Queue& queue_of(const events::Delivery& delivery) { return delivery.background ? again : live; }
  // How many may be under way at once.
  int slots() const;
  bool has_slot() const { return static_cast<int>(in_flight.size()) < slots(); }
  bool has_slot_for_again() const;
  // Where what is to be sent next stands, if it is due.
  Queue* ready(Timestamp now);
  // When the next is due that waits for nothing else.
  std::optional<Timestamp> next_due() const;
  bool is_idle() const;
};

}  // namespace epay::webhooks
