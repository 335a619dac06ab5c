#include "runtime/deadline_wheel.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace epay::runtime {

void Deadline::leave() {
  if (!wheel_) return;
  if (wheel_->cursor_ == this) wheel_->cursor_ = next_;
  if (next_) next_->previous_ = previous_;
  if (previous_) {
    previous_->next_ = next_;
  } else {
    wheel_->slots_[static_cast<std::size_t>(DeadlineWheel::granule_of(due_)) % DeadlineWheel::slot_count] = next_;
  }
  --wheel_->size_;
  wheel_ = nullptr;
  previous_ = next_ = nullptr;
}

void DeadlineWheel::add(Deadline& deadline, Ticks due) {
  EPAY_CHECK(!deadline.wheel_);
  if (due == Ticks::never()) return;
  // What is overdue already goes where the next sweep looks.
  due.micros = std::max(due.micros, (swept_through_ + 1) * granule.count());
  Deadline*& first = slots_[static_cast<std::size_t>(granule_of(due)) % slot_count];
  deadline.wheel_ = this;
  deadline.due_ = due;
  deadline.next_ = first;
  if (first) first->previous_ = &deadline;
  first = &deadline;
  ++size_;
}

void DeadlineWheel::sweep(Ticks now) {
  // Only whole granules are looked at: all that is in them for this turn is due.
  const std::int64_t through = granule_of(now) - 1;
  if (through <= swept_through_) return;
  const std::int64_t from = std::max(swept_through_ + 1, through - static_cast<std::int64_t>(slot_count) + 1);
  swept_through_ = through;
  for (std::int64_t at = from; at <= through; ++at) expire_slot(static_cast<std::size_t>(at) % slot_count, now);
}

void DeadlineWheel::expire_slot(std::size_t slot, Ticks now) {
  cursor_ = slots_[slot];
  while (cursor_) {
    Deadline& deadline = *std::exchange(cursor_, cursor_->next_);
    if (deadline.due_ > now) continue;
    deadline.leave();
    deadline.on_expired();
  }
}

}  // namespace epay::runtime
