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
// How long a lane rests whose endpoint cannot be read: nothing is sent, and no try is used up.
constexpr seconds unreadable_endpoint_wait{30};

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
  bool more_in_store = false;  // the store has deliveries within the horizon that are not in the window
  bool refilling = false;
  bool missed = false;   // something was left to the store while a refill was reading: it may not have seen it
  bool starved = false;  // stands in starved_
  Timestamp rests_until;
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

// What is due later is left to the store until a look finds it near.
Timestamp Dispatcher::horizon() const { return clock_.now() + options_.store_look_every * 2; }

// Into the window if there is room or if it is earlier than the window's last; the store has it in any case.
void Dispatcher::admit(Lane& lane, Delivery delivery) {
  if (lane.in_flight.contains(delivery.event) || delivery.due_at > horizon()) return;
  const auto key = std::pair(delivery.due_at, delivery.event);
  if (lane.more_in_store && (lane.window.empty() || key > lane.window.rbegin()->first)) {
    lane.missed = lane.refilling;
    return;
  }
  lane.window.insert_or_assign(key, std::move(delivery));
  if (lane.window.size() > static_cast<std::size_t>(options_.window_max)) {
    lane.window.erase(std::prev(lane.window.end()));
    lane.more_in_store = true;
    lane.missed = lane.refilling;
  }
}

bool Dispatcher::has_work(const Lane& lane) const {
  const int slots = in_flight_ * 2 > options_.in_flight_max ? options_.in_flight_per_endpoint_crowded_max
                                                            : options_.in_flight_per_endpoint_max;
  const Timestamp now = clock_.now();
  return !stopping_ && !lane.window.empty() && lane.window.begin()->first.first <= now && lane.rests_until <= now &&
         static_cast<int>(lane.in_flight.size()) < std::min(slots, options_.in_flight_per_endpoint_max);
}

void Dispatcher::send_first(Lane& lane) {
  Delivery delivery = std::move(lane.window.begin()->second);
  lane.window.erase(lane.window.begin());
  lane.in_flight.insert(delivery.event);
  ++in_flight_;
  tasks_.spawn(deliver(lane.key, std::move(delivery)));
}

void Dispatcher::starve(Lane& lane) {
  if (!std::exchange(lane.starved, true)) starved_.push_back(lane.key);
}

// One delivery each, in turn.
void Dispatcher::serve_starved() {
  while (!stopping_ && !starved_.empty() && in_flight_ < options_.in_flight_max) {
    Lane& lane = lane_of(starved_.front());
    starved_.pop_front();
    lane.starved = false;
    if (has_work(lane)) send_first(lane);
    if (has_work(lane)) {
      starve(lane);
    } else {
      pump(lane);
    }
  }
}

void Dispatcher::pump(Lane& lane) {
  while (has_work(lane)) {
    // Whoever waits for room comes first.
    if (in_flight_ >= options_.in_flight_max || !starved_.empty()) {
      starve(lane);
      break;
    }
    send_first(lane);
  }
  if (!stopping_ && lane.more_in_store && !lane.refilling &&
      lane.window.size() * 2 < static_cast<std::size_t>(options_.window_max)) {
    begin_refill(lane);
  }
  plan(lane);
}

// When the lane wants to be looked at again. A lane with nothing to do is forgotten.
void Dispatcher::plan(Lane& lane) {
  std::optional<Timestamp> next;
  // A lane with all its slots taken, or in the queue for one, is pumped when one is free.
  const bool full = static_cast<int>(lane.in_flight.size()) >= options_.in_flight_per_endpoint_max;
  if (!lane.window.empty() && !full && !lane.starved)
    next = std::max(lane.window.begin()->first.first, lane.rests_until);
  if (next != lane.planned) {
    if (lane.planned) due_lanes_.erase({*lane.planned, lane.key});
    const bool earliest = next && (due_lanes_.empty() || *next < due_lanes_.begin()->first);
    if (next) due_lanes_.insert({*next, lane.key});
    lane.planned = next;
    if (earliest) changed_.notify();
  }
  const bool idle =
      lane.window.empty() && lane.in_flight.empty() && !lane.more_in_store && !lane.refilling && !lane.starved;
  const bool stale = !lane.read_at || *lane.read_at + endpoint_fresh_for <= clock_.ticks();
  if (idle && stale) lanes_.erase(lane.key);
}

void Dispatcher::pump_all_due() {
  const Timestamp now = clock_.now();
  while (!stopping_ && !due_lanes_.empty() && due_lanes_.begin()->first <= now) {
    Lane& lane = lane_of(due_lanes_.begin()->second);
    due_lanes_.erase(due_lanes_.begin());
    lane.planned.reset();
    // A crowded lane's turn comes when one of its own ends; until then its due time would wake us for nothing.
    if (!has_work(lane) && !lane.in_flight.empty()) continue;
    pump(lane);
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

http::Exchange Dispatcher::exchange_of(const Lane& lane, const Delivery& delivery, const DeliveryAttempt& attempt) {
  http::Exchange exchange{.url = lane.url, .body = *delivery.payload, .time_max = options_.exchange_time_max};
  const std::string id = delivery.webhook_id();
  exchange.headers.add("content-type", "application/json");
  exchange.headers.add("user-agent", options_.user_agent);
  exchange.headers.add("webhook-id", id);
  exchange.headers.add("webhook-timestamp", std::to_string(attempt.started_at.unix_seconds()));
  exchange.headers.add("webhook-signature", sign(lane.secret, {id, attempt.started_at, *delivery.payload}));
  exchange.headers.add("epay-event", std::string(events::name_of(delivery.type)));
  exchange.headers.add("epay-delivery-attempt", std::to_string(attempt.number));
  return exchange;
}

Task<void> Dispatcher::deliver(LaneKey key, Delivery delivery) {
  const auto& read_at = lane_of(key).read_at;
  if (!read_at || *read_at + endpoint_fresh_for <= clock_.ticks()) {
    const auto loaded = co_await load_endpoint(key);
    if (!loaded) co_return put_back(key, std::move(delivery), loaded.error());
  }
  DeliveryAttempt attempt{
      .lane = key, .event = delivery.event, .number = delivery.tries + 1, .started_at = clock_.now()};
  http::ExchangeReport report = co_await client_.exchange(exchange_of(lane_of(key), delivery, attempt));
  attempt.dns = report.timings.dns;
  attempt.connect = report.timings.connect;
  attempt.first_byte = report.timings.first_byte;
  attempt.total = report.timings.total;
  bool delivered = false;
  bool again_at_once = false;
  if (report.answer) {
    attempt.status = report.answer->status;
    attempt.answer = std::move(report.answer->body);
    delivered = *attempt.status >= 200 && *attempt.status < 300;
  } else {
    attempt.failure = report.answer.error().message;
    again_at_once = attempt.number == 1 && report.answer.error().code == ErrorCode::connection_failed &&
                    attempt.total <= instant_retry_within;
  }
  if (observer_) observer_({delivered, attempt.started_at - delivery.due_at, attempt.total});
  co_await record(std::move(attempt), std::move(delivery), delivered, again_at_once);
}

void Dispatcher::free_slot(Lane& lane, EventId event) {
  --in_flight_;
  lane.in_flight.erase(event);
}

// Nothing was sent: the try does not count, and the lane rests.
void Dispatcher::put_back(LaneKey key, Delivery delivery, const Error& why) {
  log_.error("endpoint_not_read", {{"merchant", key.merchant}, {"endpoint", key.endpoint}, {"error", why.message}});
  Lane& lane = lane_of(key);
  free_slot(lane, delivery.event);
  lane.rests_until = clock_.now() + unreadable_endpoint_wait;
  admit(lane, std::move(delivery));
  pump(lane);
  serve_starved();
}

Task<void> Dispatcher::record(DeliveryAttempt attempt, Delivery delivery, bool delivered, bool again_at_once) {
  const LaneKey key = attempt.lane;
  events::DeliveryState state{.status = DeliveryStatus::delivered, .instant_tries = delivery.instant_tries};
  if (!delivered) {
    if (again_at_once) ++state.instant_tries;
    const auto wait =
        options_.schedule.wait_after(std::max(1, attempt.number - state.instant_tries), int(random_.below(400)));
    if (wait) state.due_at = clock_.now() + (again_at_once ? microseconds(0) : *wait);
    state.status = wait ? DeliveryStatus::waiting : DeliveryStatus::given_up;
    log_.info("delivery_failed", {{"merchant", key.merchant},
                                  {"endpoint", key.endpoint},
                                  {"webhook_id", delivery.webhook_id()},
                                  {"try", attempt.number},
                                  {"status", attempt.status.value_or(0)},
                                  {"failure", attempt.failure.value_or("")},
                                  {"next", state.due_at ? state.due_at->to_iso8601() : "given up"}});
  }
  for (;;) {
    const auto recorded = co_await database_.write([&](db::Transaction& tx) -> Result<> {
      events::record_attempt(tx, attempt, state, clock_.now());
      return {};
    });
    // What cannot be written now stays ours: forgetting it would send it again, or never.
    if (recorded || stopping_) break;
    co_await clock_.sleep(store_failure_wait);
  }
  Lane& lane = lane_of(key);
  free_slot(lane, attempt.event);
  if (lane.refilling) lane.recorded_since_refill.insert(attempt.event);
  if (state.due_at) {
    delivery.tries = attempt.number;
    delivery.instant_tries = state.instant_tries;
    delivery.due_at = *state.due_at;
    admit(lane, std::move(delivery));
  }
  pump(lane);
  serve_starved();
}

void Dispatcher::begin_refill(Lane& lane) {
  lane.refilling = true;
  lane.missed = false;
  tasks_.spawn(refill(lane.key));
}

// Takes the earliest waiting deliveries of a lane from the store.
Task<void> Dispatcher::refill(LaneKey key) {
  const int limit = options_.window_max + options_.in_flight_per_endpoint_max;
  const auto waiting =
      co_await database_.read([key, until = horizon(), limit](db::Transaction& tx) -> Result<std::vector<Delivery>> {
        return events::waiting_deliveries(tx, key, until, limit);
      });
  // A store that fails is not asked again at once.
  if (!waiting) co_await clock_.sleep(store_failure_wait);
  Lane& lane = lane_of(key);
  const auto out_of_date = std::exchange(lane.recorded_since_refill, {});
  if (waiting) {
    lane.more_in_store = false;
    for (const Delivery& delivery : *waiting) {
      if (!out_of_date.contains(delivery.event)) admit(lane, delivery);
    }
    if (static_cast<int>(waiting->size()) == limit || lane.missed) lane.more_in_store = true;
  }
  lane.refilling = false;
  pump(lane);
}

// What was left when the process stopped or died, what comes near its time, and what other processes have written: lane
// by lane.
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
      if (lane.refilling) continue;
      lane.refilling = true;
      lane.missed = false;
      co_await refill(after);
    }
    std::vector<LaneKey> keys;
    for (const auto& [key, lane] : lanes_) keys.push_back(key);
    for (const LaneKey& key : keys) plan(lane_of(key));
    co_await look_again_.wait_until(clock_.ticks() + options_.store_look_every);
  }
}

}  // namespace epay::webhooks
