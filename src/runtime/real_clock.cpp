#include "runtime/real_clock.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

namespace epay::runtime {

namespace asio = boost::asio;

struct RealClock::Alarm {
  asio::steady_timer timer;
};

RealClock::RealClock(asio::io_context& io) : io_(io), alarm_(std::make_unique<Alarm>(asio::steady_timer(io))) {}
RealClock::~RealClock() = default;

Timestamp RealClock::now() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<microseconds>(since_epoch).count()};
}

Ticks RealClock::ticks() const {
  const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<microseconds>(since_start).count()};
}

void RealClock::post(std::coroutine_handle<> coroutine) { post_all({&coroutine, 1}); }

void RealClock::post_all(std::span<const std::coroutine_handle<>> coroutines) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.insert(posted_.end(), coroutines.begin(), coroutines.end());
    if (std::exchange(run_posted_is_scheduled_, true)) return;
  }
  asio::post(io_, [this] { run_posted(); });
}

// What is posted meanwhile runs in the next round, so that sockets and timers get their turn between rounds.
void RealClock::run_posted() {
  {
    const std::lock_guard lock(posted_mutex_);
    running_.swap(posted_);
    run_posted_is_scheduled_ = false;
  }
  for (const auto coroutine : running_) coroutine.resume();
  running_.clear();
}

TimerId RealClock::start_timer(Ticks due, std::coroutine_handle<> coroutine) {
  const TimerId timer = ++last_timer_;
  const auto position = timers_.emplace(std::pair(due, timer), coroutine).first;
  timer_by_id_.emplace(timer, position);
  if (due < armed_for_) arm();
  return timer;
}

// The alarm is left as it is: when it rings for a cancelled timer it finds nothing due and is set anew.
void RealClock::cancel_timer(TimerId timer) {
  const auto found = timer_by_id_.find(timer);
  if (found == timer_by_id_.end()) return;
  timers_.erase(found->second);
  timer_by_id_.erase(found);
}

void RealClock::run_due() {
  armed_for_ = Ticks::never();
  const Ticks until = ticks();
  while (!timers_.empty() && timers_.begin()->first.first <= until) {
    const auto [key, coroutine] = *timers_.begin();
    timers_.erase(timers_.begin());
    timer_by_id_.erase(key.second);
    coroutine.resume();
  }
  if (!timers_.empty() && timers_.begin()->first.first < armed_for_) arm();
}

void RealClock::arm() {
  armed_for_ = timers_.begin()->first.first;
  if (armed_for_ == Ticks::never()) return;
  // The kernel counts in nanoseconds, in which a far deadline overflows; ringing early does no harm.
  const Ticks at = std::min(armed_for_, ticks() + hours(24));
  using Steady = std::chrono::steady_clock;
  alarm_->timer.expires_at(Steady::time_point(std::chrono::duration_cast<Steady::duration>(microseconds(at.micros))));
  alarm_->timer.async_wait([this](const boost::system::error_code& error) {
    if (!error) run_due();
  });
}

}  // namespace epay::runtime
