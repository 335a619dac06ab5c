// The one door to time, and to "later": every wait of the program goes through a Clock, so that a simulated one can
// run hours in milliseconds. All members except post() and post_all() belong to the reactor thread.
#pragma once

#include <coroutine>
#include <cstdint>
#include <span>

#include "base/timestamp.h"
#include "runtime/task.h"

namespace epay::runtime {

using TimerId = std::uint64_t;  // 0 is no timer

class Clock {
 public:
  virtual ~Clock() = default;

  // Wall clock, UTC. May jump. Any thread.
  virtual Timestamp now() const = 0;
  // Monotonic. Any thread.
  virtual Ticks ticks() const = 0;

  // Resumes the coroutine on the reactor thread, after what was posted before it. Any thread.
  virtual void post(std::coroutine_handle<> coroutine) = 0;
  virtual void post_all(std::span<const std::coroutine_handle<>> coroutines) = 0;

  // Resumes the coroutine at `due`, once, unless cancelled before.
  virtual TimerId start_timer(Ticks due, std::coroutine_handle<> coroutine) = 0;
  virtual void cancel_timer(TimerId timer) = 0;

  auto sleep_until(Ticks due) {
    struct Awaiter {
      Clock& clock;
      Ticks due;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> self) { clock.start_timer(due, self); }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this, due};
  }
  auto sleep(microseconds duration) { return sleep_until(ticks() + duration); }

  // Lets everything that is ready run first.
  auto yield() {
    struct Awaiter {
      Clock& clock;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> self) { clock.post(self); }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }
};

// Wakes one waiting coroutine. A notify() while nobody waits is kept for the next wait. Reactor thread only.
class Signal {
 public:
  explicit Signal(Clock& clock) : clock_(clock) {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  void notify() {
    if (!waiting_) {
      notified_ = true;
      return;
    }
    if (timer_ != 0) clock_.cancel_timer(std::exchange(timer_, 0));
    clock_.post(std::exchange(waiting_, {}));
  }

  // Until notify(), or until `due`, whichever is first.
  auto wait_until(Ticks due) {
    struct Awaiter {
      Signal& signal;
      Ticks due;
      bool await_ready() const noexcept { return std::exchange(signal.notified_, false); }
      void await_suspend(std::coroutine_handle<> self) {
        signal.waiting_ = self;
        if (due != Ticks::never()) signal.timer_ = signal.clock_.start_timer(due, self);
      }
      void await_resume() const noexcept {
        signal.waiting_ = {};
        signal.timer_ = 0;
      }
    };
    return Awaiter{*this, due};
  }
  auto wait() { return wait_until(Ticks::never()); }

 private:
  Clock& clock_;
  std::coroutine_handle<> waiting_;
  TimerId timer_ = 0;
  bool notified_ = false;
};

}  // namespace epay::runtime

namespace epay {
using runtime::Clock;
using runtime::Signal;
}  // namespace epay
