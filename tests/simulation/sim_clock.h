// Virtual time on one thread: what is ready runs in the order it was posted, and when nothing is ready the clock jumps
// to the next timer. The same inputs give the same run.
#pragma once

#include <deque>
#include <map>
#include <utility>

#include "runtime/clock.h"

namespace epay::simulation {

class SimClock final : public Clock {
 public:
  explicit SimClock(Timestamp start = {1'700'000'000'000'000}) : wall_(start) {}

  Timestamp now() const override { return wall_; }
  Ticks ticks() const override { return ticks_; }
  void post(std::coroutine_handle<> coroutine) override { ready_.push_back(coroutine); }
  void post_all(std::span<const std::coroutine_handle<>> coroutines) override;
  runtime::TimerId start_timer(Ticks due, std::coroutine_handle<> coroutine) override;
  void cancel_timer(runtime::TimerId timer) override;

  // Runs one ready coroutine, or else jumps to the next timer due by `until` and runs that. False when there is none.
  bool step(Ticks until = Ticks::never());
  // Steps until nothing is ready and no timer is due by `until`; the clock then stands at `until`.
  void run_until(Ticks until);
  void run_for(microseconds duration) { run_until(ticks_ + duration); }
  // Steps while nothing but ready coroutines moves: time stands still.
  void run_ready();

  // Moves the wall clock alone, as an operator or NTP would.
  void jump_wall(microseconds by) { wall_ = wall_ + by; }
  // Forgets everything that waits, as a crash does.
  void drop_all();

 private:
  void advance(Ticks to);

  Timestamp wall_;
  Ticks ticks_{1};
  std::deque<std::coroutine_handle<>> ready_;
  std::map<std::pair<Ticks, runtime::TimerId>, std::coroutine_handle<>> timers_;
  std::map<runtime::TimerId, Ticks> due_of_;
  runtime::TimerId last_timer_ = 0;
};

}  // namespace epay::simulation
