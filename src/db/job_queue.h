// Jobs that wait for one connection, and the thread (or the steps) that serves them in the order of their arrival, as
// many together as have arrived.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "db/database.h"
#include "db/work_meter.h"
#include "runtime/clock.h"

namespace epay::db {

enum class Threading {
  own_threads,   // of the store's own
  inline_steps,  // on the reactor thread, each batch a step of its own: the simulator, tests, verbs of the command line
};

class JobQueue {
 public:
  using RunBatch = std::function<void(std::span<Job* const>)>;
  JobQueue(Clock& clock, Threading threading, std::size_t batch_max, RunBatch run);
  // Finishes what is queued; its coroutines are posted to the clock.
  ~JobQueue();
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  void submit(Job& job);
  // Inline only, after the clock's own drop_all(): forgets what is queued, as a crash does.
  void drop_all();
  WorkFigures figures() const { return meter_.figures(); }

 private:
  // A coroutine that runs one batch each time it is resumed. It belongs to the queue; when the queue goes while the
  // clock is still to resume it, it belongs to itself.
  struct Stepper {
    struct promise_type {
      Stepper get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
      std::suspend_never initial_suspend() const noexcept { return {}; }
      std::suspend_never final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      void unhandled_exception() const noexcept { std::terminate(); }
      JobQueue* queue = nullptr;
    };
    std::coroutine_handle<promise_type> handle;
  };
  struct NextStep;
  static Stepper steps();
  void step();
  void post_step();
  void close_steps();
  void serve();
  void take_batch();
  void run_batch();

  Clock& clock_;
  WorkMeter meter_;
  std::size_t batch_max_;
  RunBatch run_;
  std::vector<Job*> batch_;  // under way
  std::vector<std::coroutine_handle<>> done_;

  std::mutex mutex_;
  std::condition_variable arrived_;
  // These three under mutex_, where there is a thread.
  std::vector<Job*> waiting_;
  bool idle_ = false;
  bool closing_ = false;
  std::thread thread_;

  std::coroutine_handle<Stepper::promise_type> stepper_;
  bool step_posted_ = false;
};

}  // namespace epay::db
