// The lanes and whose turn it is.
#include "webhooks/dispatcher.h"

#include "base/check.h"

namespace epay::webhooks {
namespace {

// How long an endpoint's settings are used before they are read again.
constexpr seconds endpoint_fresh_for{5};
// A try that has been under way this long hangs; and how exactly that is noticed.
constexpr seconds hangs_after{1};
constexpr milliseconds hanging_looked_at_every{100};
// Hanging tries, as a multiple of in_flight_max, beside which a good endpoint, and a fresh one, may begin new ones.
constexpr int hanging_times_max = 3, fresh_beside_hanging_times_max = 2;
// Of a lane that has shown nothing yet.
constexpr int first_window_max = 32;
// An endpoint that rests longer than this gives up its windows.
constexpr seconds long_rest{5};

using events::Delivery;
using events::LaneKey;

std::size_t index_of(Standing standing) { return static_cast<std::size_t>(standing); }

}  // namespace

Dispatcher::Dispatcher(Clock& clock, Random& random, Log& log, db::Database& database, Membership& members,
                       http::Client& client, const Vault& vault, DispatcherOptions options)
    : clock_(clock),
      random_(random),
      log_(log),
      database_(database),
      members_(members),
      client_(client),
      vault_(vault),
      options_(std::move(options)),
      feed_(clock),
      changed_(clock),
      look_again_(clock),
      outside_(clock),
      prune_(clock),
      tasks_(clock, log, "webhooks") {
  members_.on_change([this] { members_changed(); });
}

Dispatcher::~Dispatcher() = default;

void Dispatcher::start() {
  claims_as_ = members_.id();
  tasks_.spawn(run_timer());
  tasks_.spawn(look_into_store());
  tasks_.spawn(prune_attempts());
  if (options_.outside_look_every.count() > 0) tasks_.spawn(look_for_outside_changes());
}

Task<void> Dispatcher::stop(Ticks due) {
  stopping_ = true;
  for (Signal* signal : {&changed_, &look_again_, &outside_, &prune_}) signal->notify();
  co_await tasks_.wait_empty(due);
}

void Dispatcher::publish(events::Recorded recorded) {
  if (recorded.merchant) {
    feed_.notify(*recorded.merchant);
    tell_others(db::NoticeKind::events, {*recorded.merchant, {}});
  }
  for (Delivery& delivery : recorded.deliveries) {
    if (!is_own(delivery)) {
      leave_to_store(delivery);
      continue;
    }
    Lane& lane = lane_of(delivery.lane);
    if (lane.closed) begin_reading(lane);
    admit(lane, std::move(delivery));
    pump(lane);
  }
}

void Dispatcher::endpoint_changed(LaneKey key) {
  forget_endpoint(lane_of(key));
  tell_others(db::NoticeKind::endpoint, key);
}

void Dispatcher::forget_endpoint(Lane& lane) {
  lane.read_at.reset();
  lane.changed = true;
  lane.rests_until = {};
  lane.breaker = {};
  lane.read_again = lane.reading;
  // What the store has for it may be due now that it is open again.
  lane.live.more_in_store = lane.again.more_in_store = true;
  begin_reading(lane);
}

void Dispatcher::hear(const db::Notice& notice) {
  const LaneKey key{notice.merchant, {notice.subject}};
  switch (notice.kind) {
    case db::NoticeKind::events: return feed_.notify(notice.merchant);
    case db::NoticeKind::endpoint:
      if (Lane* lane = find_lane(key)) forget_endpoint(*lane);
      return;
    case db::NoticeKind::deliveries:
      if (!stopping_ && members_.is_alive()) tasks_.spawn(look_at(key));
      return;
    case db::NoticeKind::payment:
    case db::NoticeKind::redelivery:
    case db::NoticeKind::mail:
    case db::NoticeKind::text_message:
    case db::NoticeKind::test_phones:
    case db::NoticeKind::bulk_payouts: return;
  }
}

// ---- the other processes ----

void Dispatcher::tell_others(db::NoticeKind kind, LaneKey about) {
  if (database_.is_shared()) database_.announce({kind, about.merchant, about.endpoint.value});
}

bool Dispatcher::is_own(const Delivery& delivery) const {
  return delivery.owner == members_.id() && members_.is_alive();
}

// Another process has claimed it; or this one had, in an earlier life, and may claim it anew.
void Dispatcher::leave_to_store(const Delivery& delivery) {
  Lane& lane = lane_of(delivery.lane);
  Queue& queue = lane.queue_of(delivery);
  queue.more_in_store = queue.missed = true;
  pump(lane);
  tell_others(db::NoticeKind::deliveries, delivery.lane);
}

// What was claimed in an earlier life may be another's by now; what the dead have left is to be found.
void Dispatcher::members_changed() {
  const bool lives_anew = std::exchange(claims_as_, members_.id()) != members_.id();
  for (const auto& [key, lane] : lanes_) {
    lane->sharers = members_.living();
    if (!lives_anew) continue;
    drop_windows(*lane);
    lane->live.more_in_store = lane->again.more_in_store = true;
  }
  if (members_.is_alive()) look_again_.notify();
}

// ---- the lanes ----

std::optional<Timestamp> Dispatcher::oldest_due() const {
  const Timestamp now = clock_.now();
  std::optional<Timestamp> oldest;
  for (const auto& [key, lane] : lanes_) {
    if (lane->closed || lane->live.empty() || lane->rests_until > now || lane->paced_until > clock_.ticks()) {
      continue;
    }
    if (lane->target && !lane->has_slot()) continue;
    const Timestamp due = lane->live.first()->due_at;
    if (!oldest || due < *oldest) oldest = due;
  }
  return oldest;
}

Lane& Dispatcher::lane_of(LaneKey key) {
  auto& lane = lanes_[key];
  if (!lane) {
    lane = std::make_unique<Lane>();
    lane->key = key;
    lane->sharers = members_.living();
  }
  return *lane;
}

Lane* Dispatcher::find_lane(LaneKey key) {
  const auto found = lanes_.find(key);
  return found == lanes_.end() ? nullptr : found->second.get();
}

void Dispatcher::count_memory(Lane& lane, std::size_t before) {
  in_memory_ += lane.live.size() + lane.again.size() - before;
}

bool Dispatcher::is_memory_short() const { return in_memory_ >= static_cast<std::size_t>(options_.windows_max); }

// How many of its deliveries are kept in memory.
std::size_t Dispatcher::window_of(const Lane& lane) const {
  int size = std::min(lane.standing == Standing::good ? options_.window_max : first_window_max, options_.window_max);
  if (is_memory_short()) size = std::min(size, options_.windows_max / static_cast<int>(lanes_.size()));
  return static_cast<std::size_t>(std::max(size, 1));
}

// Into its queue if there is room or if it is earlier than the queue's last; the store has it in any case.
void Dispatcher::admit(Lane& lane, Delivery delivery) {
  if (lane.in_flight.contains(delivery.event) || delivery.due_at > horizon()) return;
  Queue& queue = lane.queue_of(delivery);
  if (!is_own(delivery) || lane.closed || (queue.more_in_store && queue.is_behind(delivery))) {
    queue.more_in_store = true;
    queue.missed = queue.missed || lane.refilling;
    return;
  }
  const std::size_t before = lane.live.size() + lane.again.size();
  // One that is sent again on purpose changes its queue.
  (delivery.background ? lane.live : lane.again).forget(delivery.event);
  queue.put(std::move(delivery));
  // A refill comes when a quarter is left, and brings a whole window.
  const std::size_t most = window_of(lane) * 5 / 4;
  while (queue.size() > most) {
    queue.drop_last();
    queue.more_in_store = true;
    queue.missed = queue.missed || lane.refilling;
  }
  count_memory(lane, before);
}

void Dispatcher::forget(Lane& lane, EventId event) {
  const std::size_t before = lane.live.size() + lane.again.size();
  lane.live.forget(event);
  lane.again.forget(event);
  count_memory(lane, before);
}

// The store has them.
void Dispatcher::drop_windows(Lane& lane) {
  const std::size_t before = lane.live.size() + lane.again.size();
  for (Queue* queue : {&lane.live, &lane.again}) {
    if (queue->empty()) continue;
    queue->clear();
    queue->more_in_store = true;
    queue->missed = queue->missed || lane.refilling;
  }
  count_memory(lane, before);
}

// Whether the lane has something to send that nothing of its own forbids. An endpoint is read before it is sent to.
bool Dispatcher::may_send(Lane& lane) {
  const Timestamp now = clock_.now();
  if (stopping_ || !members_.is_alive() || lane.closed || lane.rests_until > now) return false;
  const bool stale = !lane.read_at || *lane.read_at + endpoint_fresh_for <= clock_.ticks();
  const auto due = lane.next_due();
  if (stale && due && *due <= now) begin_reading(lane);
  return lane.target && !lane.changed && lane.paced_until <= clock_.ticks() && lane.has_slot() &&
         lane.ready(now) != nullptr;
}

bool Dispatcher::has_room(Standing standing) const {
  const int most = options_.in_flight_max;
  const int fresh = in_flight_of_[index_of(Standing::fresh)];
  const int bad = in_flight_of_[index_of(Standing::bad)];
  if (standing == Standing::bad) return bad * 2 < most;
  // What turns out to hang after it was begun takes no room from the others, within reason.
  if (in_flight_ - bad >= most) return false;
  if (standing == Standing::good) return bad < most * hanging_times_max;
  return fresh * 2 < most && bad < most * fresh_beside_hanging_times_max;
}

void Dispatcher::send_first(Lane& lane) {
  const std::size_t before = lane.live.size() + lane.again.size();
  Delivery delivery = lane.ready(clock_.now())->take_first();
  count_memory(lane, before);
  take_slot(lane, delivery);
  if (lane.target->rate_limit) {
    const microseconds step(std::int64_t(1'000'000) * lane.sharers / *lane.target->rate_limit);
    lane.paced_until = std::max(lane.paced_until, clock_.ticks()) + step;
  }
  tasks_.spawn(deliver(lane.target, std::move(delivery)));
}

void Dispatcher::take_slot(Lane& lane, const Delivery& delivery) {
  EPAY_CHECK(lane.in_flight.emplace(delivery.event, InFlight{delivery.background, false}).second);
  lane.again_in_flight += delivery.background ? 1 : 0;
  ++in_flight_;
  ++in_flight_of_[index_of(lane.standing)];
  // The timer waits for nothing while nothing is under way.
  if (begun_.empty()) changed_.notify();
  begun_.push_back({clock_.ticks(), lane.key, delivery.event});
}

void Dispatcher::free_slot(Lane& lane, EventId event) {
  const auto slot = lane.in_flight.find(event);
  EPAY_CHECK(slot != lane.in_flight.end());
  lane.again_in_flight -= slot->second.background ? 1 : 0;
  lane.hanging -= slot->second.hangs ? 1 : 0;
  --in_flight_;
  --in_flight_of_[index_of(lane.standing)];
  lane.in_flight.erase(slot);
}

void Dispatcher::set_standing(Lane& lane, Standing standing) {
  if (lane.standing == standing) return;
  const int moving = static_cast<int>(lane.in_flight.size());
  in_flight_of_[index_of(lane.standing)] -= moving;
  in_flight_of_[index_of(standing)] += moving;
  lane.standing = standing;
}

void Dispatcher::wait_for_room(Lane& lane) {
  if (std::exchange(lane.waits_for_room, true)) return;
  waiting_[index_of(lane.standing)].push(lane.key);
}

// One delivery each, in turn: the standings too, so that many in good standing do not keep out one that is new.
void Dispatcher::serve_waiting() {
  for (std::size_t passed_over = 0; passed_over < waiting_.size() && !stopping_;) {
    const auto standing = static_cast<Standing>(next_served_);
    Turns& turns = waiting_[next_served_];
    next_served_ = (next_served_ + 1) % waiting_.size();
    if (turns.empty() || !has_room(standing)) {
      ++passed_over;
      continue;
    }
    passed_over = 0;
    Lane& lane = lane_of(*turns.pop());
    lane.waits_for_room = false;
    // Its standing may have changed meanwhile.
    if (lane.standing == standing && may_send(lane)) send_first(lane);
    pump(lane);
  }
}

void Dispatcher::pump(Lane& lane) {
  while (may_send(lane)) {
    // Whoever waits for room comes first.
    if (!has_room(lane.standing) || !waiting_[index_of(lane.standing)].empty()) {
      wait_for_room(lane);
      break;
    }
    send_first(lane);
  }
  const bool rests = lane.closed || rests_long(lane);
  const bool low = lane.live.size() * 4 < window_of(lane);
  const bool wants = (lane.live.more_in_store && low) || (lane.again.more_in_store && lane.again.empty());
  if (!stopping_ && members_.is_alive() && !rests && wants && !lane.refilling) begin_refill(lane);
  plan(lane);
}

bool Dispatcher::rests_long(const Lane& lane) const { return lane.rests_until > clock_.now() + long_rest; }

// When the lane wants to be looked at again. A lane with nothing to do is forgotten.
void Dispatcher::plan(Lane& lane) {
  std::optional<Timestamp> next;
  // One that waits for a slot, for room or for its endpoint to be read is pumped when it has it.
  const bool full = lane.target && !lane.has_slot();
  const bool unread = (!lane.target || lane.changed) && lane.reading;
  // Nothing of a lost process is sent: it looks for it all again in its next life.
  if (members_.is_alive() && !lane.closed && !full && !unread && !lane.waits_for_room) {
    const Timestamp held_until = std::max(lane.rests_until, clock_.now() + (lane.paced_until - clock_.ticks()));
    if (const auto due = lane.next_due()) {
      next = std::max(*due, held_until);
    } else if ((lane.live.more_in_store || lane.again.more_in_store) && lane.rests_until > clock_.now()) {
      next = lane.rests_until;
    }
  }
  if (next != lane.planned) {
    if (lane.planned) due_lanes_.erase({*lane.planned, lane.key});
    const bool earliest = next && (due_lanes_.empty() || *next < due_lanes_.begin()->first);
    if (next) due_lanes_.insert({*next, lane.key});
    lane.planned = next;
    if (earliest) changed_.notify();
  }
  const bool stale = !lane.read_at || *lane.read_at + endpoint_fresh_for <= clock_.ticks();
  if (lane.is_idle() && stale && !lane.planned) lanes_.erase(lane.key);
}

void Dispatcher::pump_all_due() {
  const Timestamp now = clock_.now();
  while (!stopping_ && !due_lanes_.empty() && due_lanes_.begin()->first <= now) {
    Lane& lane = lane_of(due_lanes_.begin()->second);
    due_lanes_.erase(due_lanes_.begin());
    lane.planned.reset();
    pump(lane);
  }
}

// A try that is long under way says that its endpoint hangs.
void Dispatcher::notice_hanging() {
  const Ticks now = clock_.ticks();
  while (!begun_.empty() && begun_.front().at + hangs_after <= now) {
    const Begun begun = begun_.front();
    begun_.pop_front();
    Lane* lane = find_lane(begun.lane);
    if (lane == nullptr) continue;
    const auto slot = lane->in_flight.find(begun.event);
    if (slot == lane->in_flight.end() || std::exchange(slot->second.hangs, true)) continue;
    ++lane->hanging;
    set_standing(*lane, Standing::bad);
  }
}

Task<void> Dispatcher::run_timer() {
  while (!stopping_) {
    notice_hanging();
    pump_all_due();
    serve_waiting();
    Ticks next = Ticks::never();
    if (!due_lanes_.empty()) next = clock_.ticks() + (due_lanes_.begin()->first - clock_.now());
    if (!begun_.empty()) {
      next = std::min(next, std::max(begun_.front().at + hangs_after, clock_.ticks() + hanging_looked_at_every));
    }
    co_await changed_.wait_until(next);
  }
}

}  // namespace epay::webhooks
