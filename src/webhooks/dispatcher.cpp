#include "webhooks/dispatcher.h"

#include "base/check.h"
#include "webhooks/signer.h"

namespace epay::webhooks {
namespace {

// How long an endpoint's URL and secret are used before they are read again.
constexpr seconds endpoint_fresh_for{5};
// A connection that failed this soon is tried once more at once: a receiver that is just restarting.
constexpr seconds instant_retry_within{1};
constexpr seconds store_failure_wait{1};

using events::Delivery;
using events::DeliveryAttempt;
using events::DeliveryStatus;
using events::LaneKey;

}  // namespace

struct Dispatcher::Lane {
  LaneKey key;
  // By due time; `in_flight` deliveries are not among them.
  std::map<std::pair<Timestamp, EventId>, Delivery> window;
  std::set<EventId> in_flight;
  bool more_in_store = false;  // the store has deliveries that the window has no room for
  bool refilling = false;
  // Recorded while a refill was reading: what it read of these is out of date.
  std::set<EventId> recorded_since_refill;
  std::optional<Timestamp> planned;

  // Of the endpoint, as last read.
  std::optional<Ticks> read_at;
  http::Url url;
  Secret secret;
};

Dispatcher::Dispatcher(Clock& clock, Random& random, Log& log, db::Database& database, http::Client& client,
                       const Vault& vault, DispatcherOptions options)
    : clock_(clock),
      random_(random),
      log_(log),
      database_(database),
      client_(client),
      vault_(vault),
      options_(std::move(options)),
      changed_(clock),
      look_again_(clock),
      tasks_(clock, log, "webhooks") {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::start() {
  tasks_.spawn(run_timer());
  tasks_.spawn(look_into_store());
}

Task<void> Dispatcher::stop(Ticks due) {
  stopping_ = true;
  changed_.notify();
  look_again_.notify();
  co_await tasks_.wait_empty(due);
}

void Dispatcher::enqueue(std::vector<Delivery> deliveries) {
  for (Delivery& delivery : deliveries) {
    Lane& lane = lane_of(delivery.lane);
    admit(lane, std::move(delivery));
    pump(lane);
  }
}

std::optional<Timestamp> Dispatcher::oldest_due() const {
  std::optional<Timestamp> oldest;
  for (const auto& [key, lane] : lanes_) {
    if (lane->window.empty()) continue;
    const Timestamp due = lane->window.begin()->first.first;
    if (!oldest || due < *oldest) oldest = due;
  }
  return oldest;
}

Dispatcher::Lane& Dispatcher::lane_of(LaneKey key) {
  auto& lane = lanes_[key];
  if (!lane) {
    lane = std::make_unique<Lane>();
    lane->key = key;
  }
  return *lane;
}

// Into the window if there is room or if it is earlier than the window's last; the store has it in any case.
void Dispatcher::admit(Lane& lane, Delivery delivery) {
  if (lane.in_flight.contains(delivery.event)) return;
  const auto key = std::pair(delivery.due_at, delivery.event);
  if (lane.more_in_store && (lane.window.empty() || key > lane.window.rbegin()->first)) return;
  lane.window.insert_or_assign(key, std::move(delivery));
  if (lane.window.size() > static_cast<std::size_t>(options_.window_max)) {
    lane.window.erase(std::prev(lane.window.end()));
    lane.more_in_store = true;
  }
}

void Dispatcher::pump(Lane& lane) {
  if (stopping_) return;
  const Timestamp now = clock_.now();
  while (!lane.window.empty() && lane.window.begin()->first.first <= now &&
         static_cast<int>(lane.in_flight.size()) < options_.in_flight_per_endpoint_max) {
    if (in_flight_ >= options_.in_flight_max) {
      starved_.insert(lane.key);
      return;
    }
    Delivery delivery = std::move(lane.window.begin()->second);
    lane.window.erase(lane.window.begin());
    lane.in_flight.insert(delivery.event);
    ++in_flight_;
    tasks_.spawn(deliver(lane.key, std::move(delivery)));
  }
  if (lane.more_in_store && !lane.refilling && lane.window.size() * 2 < static_cast<std::size_t>(options_.window_max)) {
    lane.refilling = true;
    tasks_.spawn(refill(lane.key));
  }
  plan(lane);
}

// When the lane wants to be looked at again. A lane with nothing to do is forgotten.
void Dispatcher::plan(Lane& lane) {
  std::optional<Timestamp> next;
  const bool full = static_cast<int>(lane.in_flight.size()) >= options_.in_flight_per_endpoint_max;
  if (!lane.window.empty() && !full) next = lane.window.begin()->first.first;
  if (next != lane.planned) {
    if (lane.planned) due_lanes_.erase({*lane.planned, lane.key});
    const bool earliest = next && (due_lanes_.empty() || *next < due_lanes_.begin()->first);
    if (next) due_lanes_.insert({*next, lane.key});
    lane.planned = next;
    if (earliest) changed_.notify();
  }
  const bool idle = !next && lane.in_flight.empty() && !lane.more_in_store && !lane.refilling;
  const bool stale = !lane.read_at || *lane.read_at + endpoint_fresh_for <= clock_.ticks();
  if (idle && stale) lanes_.erase(lane.key);
}

void Dispatcher::pump_all_due() {
  const Timestamp now = clock_.now();
  while (!stopping_ && !due_lanes_.empty() && due_lanes_.begin()->first <= now) {
    const LaneKey key = due_lanes_.begin()->second;
    due_lanes_.erase(due_lanes_.begin());
    Lane& lane = lane_of(key);
    lane.planned.reset();
    if (in_flight_ >= options_.in_flight_max) {
      starved_.insert(key);
    } else {
      pump(lane);
    }
  }
}

Task<void> Dispatcher::run_timer() {
  while (!stopping_) {
    pump_all_due();
    Ticks next = Ticks::never();
    if (!due_lanes_.empty()) next = clock_.ticks() + (due_lanes_.begin()->first - clock_.now());
    co_await changed_.wait_until(next);
  }
}

Task<Result<>> Dispatcher::load_endpoint(LaneKey key) {
  const auto endpoint = co_await database_.read([key](db::Transaction& tx) { return events::find_endpoint(tx, key); });
  if (!endpoint) co_return std::unexpected(endpoint.error());
  auto secret = events::open_secret(*endpoint, vault_);
  if (!secret) co_return std::unexpected(secret.error());
  auto url = http::Url::parse(endpoint->url);
  if (!url) co_return std::unexpected(url.error());
  Lane& lane = lane_of(key);
  lane.url = *std::move(url);
  lane.secret = *std::move(secret);
  lane.read_at = clock_.ticks();
  co_return Result<>();
}

Task<void> Dispatcher::deliver(LaneKey key, Delivery delivery) {
  DeliveryAttempt attempt{.lane = key, .event = delivery.event, .number = delivery.tries + 1};
  Result<> loaded;
  const auto& read_at = lane_of(key).read_at;
  if (!read_at || *read_at + endpoint_fresh_for <= clock_.ticks()) loaded = co_await load_endpoint(key);

  bool delivered = false;
  bool try_again_now = false;
  attempt.started_at = clock_.now();
  if (!loaded) {
    attempt.failure = loaded.error().message;
  } else {
    const Lane& lane = lane_of(key);
    http::Exchange exchange{.url = lane.url, .body = *delivery.payload, .time_max = options_.exchange_time_max};
    const std::string id = delivery.webhook_id();
    exchange.headers.add("content-type", "application/json");
    exchange.headers.add("user-agent", options_.user_agent);
    exchange.headers.add("webhook-id", id);
    exchange.headers.add("webhook-timestamp", std::to_string(attempt.started_at.unix_seconds()));
    exchange.headers.add("webhook-signature", sign(lane.secret, {id, attempt.started_at, *delivery.payload}));
    exchange.headers.add("epay-event", std::string(events::name_of(delivery.type)));
    exchange.headers.add("epay-delivery-attempt", std::to_string(attempt.number));
    http::ExchangeReport report = co_await client_.exchange(std::move(exchange));
    attempt.dns = report.timings.dns;
    attempt.connect = report.timings.connect;
    attempt.first_byte = report.timings.first_byte;
    attempt.total = report.timings.total;
    if (report.answer) {
      attempt.status = report.answer->status;
      attempt.answer = std::move(report.answer->body);
      delivered = *attempt.status >= 200 && *attempt.status < 300;
    } else {
      attempt.failure = report.answer.error().message;
      try_again_now = attempt.number == 1 && report.answer.error().code == ErrorCode::connection_failed &&
                      attempt.total <= instant_retry_within;
    }
  }
  if (observer_) observer_({delivered, attempt.started_at - delivery.due_at, attempt.total});
  co_await record(std::move(attempt), delivery, delivered, try_again_now);
}

Task<void> Dispatcher::record(DeliveryAttempt attempt, const Delivery& delivery, bool delivered, bool try_again_now) {
  const LaneKey key = attempt.lane;
  std::optional<Timestamp> next;
  if (!delivered) {
    const auto wait = options_.schedule.wait_after(attempt.number, int(random_.below(400)));
    if (wait) next = clock_.now() + (try_again_now ? microseconds(0) : *wait);
    log_.info("delivery_failed", {{"merchant", key.merchant},
                                  {"endpoint", key.endpoint},
                                  {"webhook_id", delivery.webhook_id()},
                                  {"try", attempt.number},
                                  {"status", attempt.status.value_or(0)},
                                  {"failure", attempt.failure.value_or("")},
                                  {"next", next ? next->to_iso8601() : "given up"}});
  }
  const DeliveryStatus status =
      delivered ? DeliveryStatus::delivered : (next ? DeliveryStatus::waiting : DeliveryStatus::given_up);
  for (;;) {
    const auto recorded = co_await database_.write([&](db::Transaction& tx) -> Result<> {
      events::record_attempt(tx, attempt, status, next, clock_.now());
      return {};
    });
    // What cannot be written now stays ours: forgetting it would send it again, or never.
    if (recorded || stopping_) break;
    co_await clock_.sleep(store_failure_wait);
  }
  --in_flight_;
  Lane& lane = lane_of(key);
  lane.in_flight.erase(attempt.event);
  if (lane.refilling) lane.recorded_since_refill.insert(attempt.event);
  if (next) {
    Delivery again = delivery;
    again.tries = attempt.number;
    again.due_at = *next;
    admit(lane, std::move(again));
  }
  pump(lane);
  while (!starved_.empty() && in_flight_ < options_.in_flight_max) {
    const LaneKey hungry = *starved_.begin();
    starved_.erase(starved_.begin());
    pump(lane_of(hungry));
  }
}

// Takes the earliest waiting deliveries of a lane from the store.
Task<void> Dispatcher::refill(LaneKey key) {
  const int limit = options_.window_max + options_.in_flight_per_endpoint_max;
  const auto waiting = co_await database_.read([key, limit](db::Transaction& tx) -> Result<std::vector<Delivery>> {
    return events::waiting_deliveries(tx, key, limit);
  });
  Lane& lane = lane_of(key);
  lane.refilling = false;
  const auto out_of_date = std::exchange(lane.recorded_since_refill, {});
  if (!waiting) co_return;
  lane.more_in_store = false;
  for (const Delivery& delivery : *waiting) {
    if (!out_of_date.contains(delivery.event)) admit(lane, delivery);
  }
  if (static_cast<int>(waiting->size()) == limit) lane.more_in_store = true;
  pump(lane);
}

// What was left when the process stopped or died, and what other processes have written: lane by lane.
Task<void> Dispatcher::look_into_store() {
  while (!stopping_) {
    LaneKey after{};
    for (;;) {
      const auto found = co_await database_.read([after](db::Transaction& tx) -> Result<std::optional<LaneKey>> {
        return events::next_waiting_lane(tx, after);
      });
      if (!found || !*found || stopping_) break;
      after = **found;
      Lane& lane = lane_of(after);
      if (!lane.refilling && lane.in_flight.empty() && lane.window.empty()) {
        lane.refilling = true;
        co_await refill(after);
      }
    }
    std::vector<LaneKey> keys;
    for (const auto& [key, lane] : lanes_) keys.push_back(key);
    for (const LaneKey& key : keys) plan(lane_of(key));
    co_await look_again_.wait_until(clock_.ticks() + options_.store_look_every);
  }
}

}  // namespace epay::webhooks
