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
  void post(std::coroutine_handle<> coroutine) override { post_of(nullptr, coroutine); }
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
  friend class ProcessClock;
  struct Waiting {
    std::coroutine_handle<> coroutine;
    const Clock* process;  // whose clock it waits on, where it is one of several
  };
  void post_of(const Clock* process, std::coroutine_handle<> coroutine) { ready_.push_back({coroutine, process}); }
  runtime::TimerId start_timer_of(const Clock* process, Ticks due, std::coroutine_handle<> coroutine);
  void drop_of(const Clock* process);
  void advance(Ticks to);

  Timestamp wall_;
  Ticks ticks_{1};
  std::deque<Waiting> ready_;
  std::map<std::pair<Ticks, runtime::TimerId>, Waiting> timers_;
  std::map<runtime::TimerId, Ticks> due_of_;
  runtime::TimerId last_timer_ = 0;
};

// The clock of one process among several: what waits on it is forgotten alone when that process is killed.
class ProcessClock final : public Clock {
 public:
  explicit ProcessClock(SimClock& all) : all_(all) {}
  ~ProcessClock() override { drop_all(); }

  Timestamp now() const override { return all_.now(); }
  Ticks ticks() const override { return all_.ticks(); }
  void post(std::coroutine_handle<> coroutine) override { all_.post_of(this, coroutine); }
  void post_all(std::span<const std::coroutine_handle<>> coroutines) override {
    for (const auto coroutine : coroutines) post(coroutine);
  }
  runtime::TimerId start_timer(Ticks due, std::coroutine_handle<> coroutine) override {
    return all_.start_timer_of(this, due, coroutine);
  }
  void cancel_timer(runtime::TimerId timer) override { all_.cancel_timer(timer); }
  void drop_all() { all_.drop_of(this); }

 private:
  SimClock& all_;
};

}  // namespace epay::simulation
