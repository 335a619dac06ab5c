// Sends deliveries: straight from the commit to the wire, a lane per endpoint, retried on a schedule, every try
// recorded. What waits is in the store; memory holds a window of each lane. Reactor thread only.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "base/log.h"
#include "db/database.h"
#include "events/delivery.h"
#include "events/endpoint.h"
#include "events/event.h"
#include "events/redelivery.h"
#include "http/client.h"
#include "processes/membership.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "runtime/task_group.h"
#include "webhooks/feed.h"
#include "webhooks/lane.h"
#include "webhooks/record_try.h"
#include "webhooks/retry_schedule.h"
#include "webhooks/turns.h"

namespace epay::webhooks {

struct DispatcherOptions {
  RetrySchedule schedule;
  microseconds exchange_time_max = seconds(15);
  // Tries under way at once, beside those that have turned out to hang. Endpoints that hang, and those of which nothing
  // is known yet, begin new ones in half as many at most: there is always room for the others.
  int in_flight_max = 1'024;
  // Deliveries in memory: of one lane, and of all together, which the lanes then share.
  int window_max = 256;
  int windows_max = 8'192;
  seconds store_look_every{30};        // for what comes near its time, and what other processes have left
  milliseconds outside_look_every{0};  // for changes by other processes; 0: there are none
  std::string user_agent = "Epay-Webhooks/0";
};

// What became of one try. For metrics.
struct TryReport {
  events::LaneKey lane;
  std::optional<RedeliveryId> redelivery;
  bool delivered = false;
  microseconds waited{0};  // from due to sent
  microseconds took{0};
};

class Dispatcher {
 public:
  Dispatcher(Clock& clock, Random& random, Log& log, db::Database& database, Membership& members, http::Client& client,
             const Vault& vault, DispatcherOptions options);
  ~Dispatcher();

  // Begins, with what the store has left from before.
  void start();
  // Tells the readers of the feed, and sends what has just become durable. What another process has claimed is left to
  // that one, and it is told.
  void publish(events::Recorded recorded);
  // Begins nothing new, and lets what is under way end until `due`; the rest is in the store.
  Task<void> stop(Ticks due);

  // Sends it at once, whatever the state of its endpoint, and records the try. For tests somebody waits for. Errors:
  // unavailable, too_many_requests (as many are under way already), not_found.
  Task<Result<events::DeliveryAttempt>> send_now(events::Delivery delivery);
  // Its settings, secrets or state were changed in the store: what was known of it is forgotten, here and in the other
  // processes.
  void endpoint_changed(events::LaneKey key);
  // What another process has to say.
  void hear(const db::Notice& notice);

  void add_observer(std::function<void(const TryReport&)> observer) { observers_.push_back(std::move(observer)); }
  // Called when a letter to a merchant has been queued, durably.
  void on_letter(std::function<void()> wake) { wake_mail_ = std::move(wake); }
  // Called when another process has changed something in the store.
  void on_outside_change(std::function<void()> look) { look_outside_.push_back(std::move(look)); }
  Feed& feed() { return feed_; }
  int in_flight() const { return in_flight_; }
  std::size_t in_memory() const { return in_memory_; }
  // When the earliest delivery was due that could be sent and is not: its endpoint does not rest, and none of its own
  // limits holds it back. For health.
  std::optional<Timestamp> oldest_due() const;

 private:
  // Which lanes there are, and what they wait for: dispatcher.cpp.
  Lane& lane_of(events::LaneKey key);
  Lane* find_lane(events::LaneKey key);
  std::size_t window_of(const Lane& lane) const;
  bool is_memory_short() const;
  bool rests_long(const Lane& lane) const;
  bool is_own(const events::Delivery& delivery) const;
  void leave_to_store(const events::Delivery& delivery);
  void forget_endpoint(Lane& lane);
  void members_changed();
  void tell_others(db::NoticeKind kind, events::LaneKey about);
  void admit(Lane& lane, events::Delivery delivery);
  void drop_windows(Lane& lane);
  void forget(Lane& lane, EventId event);
  bool may_send(Lane& lane);
  bool has_room(Standing standing) const;
  void send_first(Lane& lane);
  void take_slot(Lane& lane, const events::Delivery& delivery);
  void free_slot(Lane& lane, EventId event);
  void wait_for_room(Lane& lane);
  void serve_waiting();
  void pump(Lane& lane);
  void pump_all_due();
  void plan(Lane& lane);
  void count_memory(Lane& lane, std::size_t before);
  void set_standing(Lane& lane, Standing standing);
  void notice_hanging();
  Task<void> run_timer();

  // One try: deliver.cpp.
  http::Exchange exchange_of(const Target& target, const events::Delivery& delivery,
                             const events::DeliveryAttempt& attempt) const;
  Task<FinishedTry> try_once(std::shared_ptr<const Target> target, events::Delivery delivery);
  Task<FinishedTry> try_and_record(std::shared_ptr<const Target> target, events::Delivery delivery);
  Task<void> deliver(std::shared_ptr<const Target> target, events::Delivery delivery);
  void learn(Lane& lane, FinishedTry& finished, Ticks began);
  void report(const FinishedTry& finished) const;
  Task<TryRecorded> record(const FinishedTry& finished);

  // What is read from the store: look.cpp.
  Timestamp horizon() const;
  void begin_refill(Lane& lane);
  // `more`: what stands behind what is here already; `all`: whatever the store has.
  enum class Refill { more, all };
  Task<void> refill(events::LaneKey key, Refill which);
  void begin_reading(Lane& lane);
  Task<void> read_and_pump(events::LaneKey key);
  Task<Result<>> read_endpoint(events::LaneKey key);
  void take_health(Lane& lane, const events::Health& health);
  Task<void> cancel_deliveries(events::LaneKey key);
  Task<void> look_at(events::LaneKey key);
  Task<void> look_into_store();
  Task<void> prune_attempts();
  Task<void> look_for_outside_changes();

  Clock& clock_;
  Random& random_;
  Log& log_;
  db::Database& database_;
  Membership& members_;
  http::Client& client_;
  const Vault& vault_;
  DispatcherOptions options_;
  Feed feed_;
  std::vector<std::function<void(const TryReport&)>> observers_;
  std::function<void()> wake_mail_;
  std::vector<std::function<void()>> look_outside_;
  ProcessId claims_as_;  // what the windows hold is its own
  std::map<events::LaneKey, std::unique_ptr<Lane>> lanes_;
  std::set<std::pair<Timestamp, events::LaneKey>> due_lanes_;  // a lane's next wake-up
  std::array<Turns, 3> waiting_;                               // for room under in_flight_max, by standing
  std::size_t next_served_ = 0;                                // whose turn it is, by standing
  std::array<int, 3> in_flight_of_{};                          // by standing
  int in_flight_ = 0;
  std::size_t in_memory_ = 0;  // deliveries in all windows
  int sent_now_ = 0;           // by send_now(), under way
  struct Begun {
    Ticks at;
    events::LaneKey lane;
    EventId event;
  };
  std::deque<Begun> begun_;  // tries, in the order of their beginnings, until they have ended or are found to hang
  Signal changed_;
  Signal look_again_;
  Signal outside_;
  Signal prune_;
  TaskGroup tasks_;
  bool stopping_ = false;
};

}  // namespace epay::webhooks
