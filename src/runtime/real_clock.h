// The clock of a running program.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "runtime/clock.h"

namespace boost::asio {
class io_context;
}

namespace epay::runtime {

class RealClock final : public Clock {
 public:
  explicit RealClock(boost::asio::io_context& io);
  ~RealClock() override;

  Timestamp now() const override;
  Ticks ticks() const override;
  void post(std::coroutine_handle<> coroutine) override;
  void post_all(std::span<const std::coroutine_handle<>> coroutines) override;
  TimerId start_timer(Ticks due, std::coroutine_handle<> coroutine) override;
  void cancel_timer(TimerId timer) override;

 private:
  struct Alarm;  // the one kernel timer
  using Timers = std::map<std::pair<Ticks, TimerId>, std::coroutine_handle<>>;

  void run_posted();
  void run_due();
  void arm();

  boost::asio::io_context& io_;
  std::unique_ptr<Alarm> alarm_;
  Ticks armed_for_ = Ticks::never();
  Timers timers_;
  std::unordered_map<TimerId, Timers::iterator> timer_by_id_;
  TimerId last_timer_ = 0;

  std::mutex posted_mutex_;  // guards the two below
  std::vector<std::coroutine_handle<>> posted_;
  bool run_posted_is_scheduled_ = false;
  std::vector<std::coroutine_handle<>> running_;  // kept for its capacity
};

}  // namespace epay::runtime
