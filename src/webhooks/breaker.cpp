#include "webhooks/breaker.h"

#include <algorithm>

namespace epay::webhooks {
namespace {

constexpr microseconds slot_length = Breaker::window / 10;

std::int64_t slot_number(Ticks now) { return now.micros / slot_length.count(); }

}  // namespace

Breaker::Slot& Breaker::slot_at(Ticks now) {
  const std::int64_t number = slot_number(now);
  Slot& slot = slots_[static_cast<std::size_t>(number % slots)];
  if (slot.number != number) slot = {number, 0, 0};
  return slot;
}

bool Breaker::fails_too_often(Ticks now) const {
  int tries = 0;
  int failures = 0;
  for (const Slot& slot : slots_) {
    if (slot.number <= slot_number(now) - slots) continue;
    tries += slot.tries;
    failures += slot.failures;
  }
  return tries >= tries_least && failures * 100 >= tries * failures_percent;
}

void Breaker::succeeded(Ticks began, Ticks now) {
  if (opened_ > 0 && began <= opened_at_) return;
  in_a_row_ = 0;
  // What was before the rest says nothing of what is now.
  if (opened_ > 0) slots_ = {};
  opened_ = 0;
  ++slot_at(now).tries;
}

bool Breaker::failed(Ticks began, Ticks now) {
  // Begun before the rest that it is one of the reasons for.
  if (opened_ > 0 && began <= opened_at_) return false;
  ++in_a_row_;
  Slot& slot = slot_at(now);
  ++slot.tries;
  ++slot.failures;
  if (opened_ == 0 && in_a_row_ < in_a_row_max && !fails_too_often(now)) return false;
  ++opened_;
  opened_at_ = now;
  return true;
}

microseconds Breaker::rest() const {
  constexpr std::int64_t doublings_max = 5;
  const microseconds rest = first_rest * (std::int64_t(1) << std::clamp<std::int64_t>(opened_ - 1, 0, doublings_max));
  return std::min<microseconds>(rest, longest_rest);
}

}  // namespace epay::webhooks
