#include "simulation/sim_clock.h"

#include <limits>

namespace epay::simulation {

void SimClock::post_all(std::span<const std::coroutine_handle<>> coroutines) {
  for (const auto coroutine : coroutines) post(coroutine);
}

runtime::TimerId SimClock::start_timer(Ticks due, std::coroutine_handle<> coroutine) {
  return start_timer_of(nullptr, due, coroutine);
}

runtime::TimerId SimClock::start_timer_of(const Clock* process, Ticks due, std::coroutine_handle<> coroutine) {
  const auto timer = ++last_timer_;
  timers_.emplace(std::pair(due, timer), Waiting{coroutine, process});
  due_of_.emplace(timer, due);
  return timer;
}

void SimClock::cancel_timer(runtime::TimerId timer) {
  const auto found = due_of_.find(timer);
  if (found == due_of_.end()) return;
  timers_.erase({found->second, timer});
  due_of_.erase(found);
}

void SimClock::advance(Ticks to) {
  if (to <= ticks_) return;
  wall_ = wall_ + (to - ticks_);
  ticks_ = to;
}

bool SimClock::step(Ticks until) {
  if (ready_.empty()) {
    if (timers_.empty() || timers_.begin()->first.first > until) return false;
    const auto [key, waiting] = *timers_.begin();
    timers_.erase(timers_.begin());
    due_of_.erase(key.second);
    advance(key.first);
    waiting.coroutine.resume();
    return true;
  }
  const auto coroutine = ready_.front().coroutine;
  ready_.pop_front();
  coroutine.resume();
  return true;
}

void SimClock::run_until(Ticks until) {
  while (step(until)) {
  }
  advance(until);
}

void SimClock::run_ready() {
  while (!ready_.empty()) step();
}

void SimClock::drop_of(const Clock* process) {
  std::erase_if(ready_, [&](const Waiting& waiting) { return waiting.process == process; });
  std::erase_if(timers_, [&](const auto& timer) {
    if (timer.second.process != process) return false;
    due_of_.erase(timer.first.second);
    return true;
  });
}

void SimClock::drop_all() {
  ready_.clear();
  timers_.clear();
  due_of_.clear();
}

}  // namespace epay::simulation
