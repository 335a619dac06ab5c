#include "db/job_queue.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace epay::db {

JobQueue::JobQueue(Clock& clock, Threading threading, std::size_t batch_max, RunBatch run)
    : clock_(clock), batch_max_(batch_max), run_(std::move(run)) {
  if (threading == Threading::own_threads) {
    thread_ = std::thread([this] { serve(); });
  } else {
    stepper_ = steps().handle;
    stepper_.promise().queue = this;
  }
}

JobQueue::~JobQueue() {
  if (stepper_) {
    close_steps();
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  arrived_.notify_one();
  thread_.join();
}

void JobQueue::submit(Job& job) {
  meter_.queued();
  if (stepper_) {
    waiting_.push_back(&job);
    post_step();
    return;
  }
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(&job);
    wake = idle_;
  }
  if (wake) arrived_.notify_one();
}

void JobQueue::drop_all() {
  EPAY_CHECK(stepper_);
  waiting_.clear();
  step_posted_ = false;
  meter_.dropped_all();
}

// Suspends until the next step, and gives the queue if it is still there.
struct JobQueue::NextStep {
  std::coroutine_handle<Stepper::promise_type> self = {};
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<Stepper::promise_type> handle) noexcept { self = handle; }
  JobQueue* await_resume() const noexcept { return self.promise().queue; }
};

JobQueue::Stepper JobQueue::steps() {
  while (JobQueue* queue = co_await NextStep()) queue->step();
}

void JobQueue::step() {
  if (!std::exchange(step_posted_, false)) return;
  take_batch();
  run_batch();
  if (!waiting_.empty()) post_step();
}

void JobQueue::post_step() {
  if (!std::exchange(step_posted_, true)) clock_.post(stepper_);
}

void JobQueue::close_steps() {
  while (!waiting_.empty()) {
    take_batch();
    run_batch();
  }
  if (step_posted_) {
    stepper_.promise().queue = nullptr;
  } else {
    stepper_.destroy();
  }
}

void JobQueue::serve() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      idle_ = true;
      arrived_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
      idle_ = false;
      if (waiting_.empty()) return;
      take_batch();
    }
    run_batch();
  }
}

void JobQueue::take_batch() {
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), batch_max_));
  batch_.assign(waiting_.begin(), end);
  waiting_.erase(waiting_.begin(), end);
}

void JobQueue::run_batch() {
  const Ticks began = clock_.ticks();
  run_(batch_);
  meter_.done(batch_.size(), clock_.ticks() - began);
  done_.clear();
  for (const Job* job : batch_) done_.push_back(job->waiting);
  // From here on the jobs may be gone: each lives in the frame of the coroutine that waits for it.
  batch_.clear();
  clock_.post_all(done_);
}

}  // namespace epay::db
