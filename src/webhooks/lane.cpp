#include "webhooks/lane.h"

#include <algorithm>

#include "base/check.h"

namespace epay::webhooks {
namespace {

// Until an endpoint has taken something, it is not trusted with more.
constexpr int fresh_slots = 2;

}  // namespace

void Queue::put(events::Delivery delivery) {
  forget(delivery.event);
  due_of_.emplace(delivery.event, delivery.due_at);
  window_.emplace(Key(delivery.due_at, delivery.event), std::move(delivery));
}

events::Delivery Queue::take_first() {
  EPAY_CHECK(!window_.empty());
  auto first = window_.extract(window_.begin());
  due_of_.erase(first.key().second);
  return std::move(first.mapped());
}

void Queue::drop_last() {
  const auto last = std::prev(window_.end());
  due_of_.erase(last->first.second);
  window_.erase(last);
}

void Queue::clear() {
  window_.clear();
  due_of_.clear();
}

void Queue::forget(EventId event) {
  const auto known = due_of_.find(event);
  if (known == due_of_.end()) return;
  window_.erase({known->second, event});
  due_of_.erase(known);
}

bool Queue::is_behind(const events::Delivery& delivery) const {
  return window_.empty() || Key(delivery.due_at, delivery.event) > window_.rbegin()->first;
}

int Lane::slots() const {
  if (!target) return 0;
  if (breaker.is_open() || timed_out) return 1;
  const int share = std::max(1, target->in_flight_max / sharers);
  return standing == Standing::fresh ? std::min(fresh_slots, share) : share;
}

bool Lane::has_slot_for_again() const { return again_in_flight < std::max(1, slots() / 2); }

Queue* Lane::ready(Timestamp now) {
  if (!live.empty() && live.first()->due_at <= now) return &live;
  if (!again.empty() && again.first()->due_at <= now && has_slot_for_again()) return &again;
  return nullptr;
}

std::optional<Timestamp> Lane::next_due() const {
  std::optional<Timestamp> due;
  if (!live.empty()) due = live.first()->due_at;
  if (!again.empty() && has_slot_for_again() && (!due || again.first()->due_at < *due)) due = again.first()->due_at;
  return due;
}

bool Lane::is_idle() const {
  return live.empty() && again.empty() && in_flight.empty() && !live.more_in_store && !again.more_in_store &&
         !refilling && !reading && !waits_for_room;
}

}  // namespace epay::webhooks
