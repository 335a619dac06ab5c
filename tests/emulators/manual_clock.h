// A clock that stands still until it is told to move. What runs, runs at once; what waits, waits for advance().
#pragma once

#include <functional>
#include <map>
#include <utility>

#include "runtime/clock.h"

namespace epay::emulators {

class ManualClock final : public Clock {
 public:
  // `real` resumes what is ready.
  ManualClock(Clock& real, Timestamp start) : real_(real), now_(start) {}

  Timestamp now() const override { return now_; }
  Ticks ticks() const override { return ticks_; }
  void post(std::coroutine_handle<> coroutine) override { real_.post(coroutine); }
  void post_all(std::span<const std::coroutine_handle<>> coroutines) override { real_.post_all(coroutines); }
  runtime::TimerId start_timer(Ticks due, std::coroutine_handle<> coroutine) override;
  void cancel_timer(runtime::TimerId timer) override;

  // Moves on, halting at every timer on the way until what it woke has done what it could: until `is_busy` says no.
  Task<void> advance(microseconds by, std::function<bool()> is_busy);

 private:
  Task<void> settle(const std::function<bool()>& is_busy);
  void move_to(Ticks ticks);

  Clock& real_;
  Timestamp now_;
  Ticks ticks_{1};
  std::map<std::pair<Ticks, runtime::TimerId>, std::coroutine_handle<>> timers_;
  std::map<runtime::TimerId, Ticks> due_of_;
  runtime::TimerId last_timer_ = 0;
};

}  // namespace epay::emulators
