// Sends deliveries: straight from the commit to the wire, a lane per endpoint, retried on a schedule, every try
// recorded. What waits is in the store; memory holds a window of each lane. Reactor thread only.
#pragma once

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
#include "http/client.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "runtime/task_group.h"
#include "webhooks/retry_schedule.h"

namespace epay::webhooks {

struct DispatcherOptions {
  RetrySchedule schedule;
  microseconds exchange_time_max = seconds(15);
  int in_flight_per_endpoint_max = 10;
  int in_flight_max = 1'024;
  // While more than half of in_flight_max is taken, an endpoint gets this many: what hangs must not take the rest.
  int in_flight_per_endpoint_crowded_max = 2;
  int window_max = 256;          // deliveries of one lane kept in memory
  seconds store_look_every{30};  // for what other processes on the same store have left
  std::string user_agent = "Epay-Webhooks/0";
};

// What became of one try. For metrics.
struct TryReport {
  bool delivered = false;
  microseconds waited{0};  // from due to sent
  microseconds took{0};
};

class Dispatcher {
 public:
  Dispatcher(Clock& clock, Random& random, Log& log, db::Database& database, http::Client& client, const Vault& vault,
             DispatcherOptions options);
  ~Dispatcher();

  // Begins, with what the store has left from before.
  void start();
  // Sends deliveries that have just become durable.
  void enqueue(std::vector<events::Delivery> deliveries);
  // Begins nothing new, and lets what is under way end until `due`; the rest is in the store.
  Task<void> stop(Ticks due);

  void set_observer(std::function<void(const TryReport&)> observer) { observer_ = std::move(observer); }
  int in_flight() const { return in_flight_; }
  // When the earliest delivery that is due and not being sent was due. For health.
  std::optional<Timestamp> oldest_due() const;

 private:
  struct Lane;

  Lane& lane_of(events::LaneKey key);
  void admit(Lane& lane, events::Delivery delivery);
  bool has_work(const Lane& lane) const;
  void send_first(Lane& lane);
  void starve(Lane& lane);
  void serve_starved();
  void pump(Lane& lane);
  void pump_all_due();
  void plan(Lane& lane);
  void free_slot(Lane& lane, EventId event);
  http::Exchange exchange_of(const Lane& lane, const events::Delivery& delivery,
                             const events::DeliveryAttempt& attempt);
  Task<void> deliver(events::LaneKey key, events::Delivery delivery);
  Task<Result<>> load_endpoint(events::LaneKey key);
  void put_back(events::LaneKey key, events::Delivery delivery, const Error& why);
  Task<void> record(events::DeliveryAttempt attempt, events::Delivery delivery, bool delivered, bool again_at_once);
  void begin_refill(Lane& lane);
  Task<void> refill(events::LaneKey key);
  Task<void> run_timer();
  Task<void> look_into_store();
  Timestamp horizon() const;

  Clock& clock_;
  Random& random_;
  Log& log_;
  db::Database& database_;
  http::Client& client_;
  const Vault& vault_;
  DispatcherOptions options_;
  std::function<void(const TryReport&)> observer_;
  std::map<events::LaneKey, std::unique_ptr<Lane>> lanes_;
  std::set<std::pair<Timestamp, events::LaneKey>> due_lanes_;  // a lane's next wake-up
  std::deque<events::LaneKey> starved_;                        // lanes that wait for room under in_flight_max, in turn
  Signal changed_;
  Signal look_again_;
  TaskGroup tasks_;
  int in_flight_ = 0;
  bool stopping_ = false;
};

}  // namespace epay::webhooks
