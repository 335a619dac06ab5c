#include "emulators/manual_clock.h"

namespace epay::emulators {
namespace {

// What a timer wakes may wake others, each a turn of the reactor later.
constexpr int turns = 8;
constexpr milliseconds look_again{1};

}  // namespace

runtime::TimerId ManualClock::start_timer(Ticks due, std::coroutine_handle<> coroutine) {
  if (due <= ticks_) {
    real_.post(coroutine);
    return ++last_timer_;
  }
  const runtime::TimerId timer = ++last_timer_;
  timers_.emplace(std::pair(due, timer), coroutine);
  due_of_.emplace(timer, due);
  return timer;
}

void ManualClock::cancel_timer(runtime::TimerId timer) {
  const auto found = due_of_.find(timer);
  if (found == due_of_.end()) return;
  timers_.erase({found->second, timer});
  due_of_.erase(found);
}

void ManualClock::move_to(Ticks ticks) {
  now_ = now_ + (ticks - ticks_);
  ticks_ = ticks;
}

Task<void> ManualClock::settle(const std::function<bool()>& is_busy) {
  for (int turn = 0; turn < turns; ++turn) co_await real_.yield();
  while (is_busy()) co_await real_.sleep(look_again);
  for (int turn = 0; turn < turns; ++turn) co_await real_.yield();
}

Task<void> ManualClock::advance(microseconds by, std::function<bool()> is_busy) {
  const Ticks end = ticks_ + by;
  co_await settle(is_busy);
  while (!timers_.empty() && timers_.begin()->first.first <= end) {
    const auto [due, timer] = timers_.begin()->first;
    const auto coroutine = timers_.begin()->second;
    timers_.erase(timers_.begin());
    due_of_.erase(timer);
    move_to(due);
    real_.post(coroutine);
    co_await settle(is_busy);
  }
  move_to(end);
}

}  // namespace epay::emulators
