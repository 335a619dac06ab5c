#include "db/postgres_writers.h"

#include <utility>

namespace epay::db {

PostgresWriters::PostgresWriters(Clock& clock, std::size_t batch_max, std::vector<RunBatch> runs)
    : clock_(clock), batch_max_(batch_max), runs_(std::move(runs)) {
  for (const RunBatch& run : runs_) threads_.emplace_back([this, &run] { serve(run); });
}

PostgresWriters::~PostgresWriters() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void PostgresWriters::submit(Job& job) {
  meter_.queued();
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(&job);
  }
  changed_.notify_one();
}

bool PostgresWriters::is_taken(const Job& job) const {
  if (job.lane.is_unordered()) return false;
  return job.lane.is_everything() ? busy_with_everything_ : busy_.contains(job.lane.key());
}

// The oldest job that no other writer's are in the way of, and what may go with it.
void PostgresWriters::take_batch(std::vector<Job*>& batch) {
  std::vector<Job*> left;
  left.reserve(waiting_.size());
  for (Job* job : waiting_) {
    const bool fits = batch.empty() || batch.front()->lane.is_everything() == job->lane.is_everything();
    if (batch.size() < batch_max_ && fits && !is_taken(*job)) {
      batch.push_back(job);
    } else {
      left.push_back(job);
    }
  }
  if (batch.empty()) return;
  waiting_.swap(left);
  for (const Job* job : batch) {
    if (job->lane.is_everything()) busy_with_everything_ = true;
    if (!job->lane.is_everything() && !job->lane.is_unordered()) busy_.insert(job->lane.key());
  }
}

void PostgresWriters::serve(const RunBatch& run) {
  std::vector<Job*> batch;
  std::vector<std::coroutine_handle<>> done;
  std::vector<Lane> lanes;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      for (take_batch(batch); batch.empty(); take_batch(batch)) {
        if (closing_ && waiting_.empty()) return;
        changed_.wait(lock);
      }
    }
    const Ticks began = clock_.ticks();
    run(batch);
    meter_.done(batch.size(), clock_.ticks() - began);
    done.clear();
    lanes.clear();
    for (const Job* job : batch) {
      done.push_back(job->waiting);
      lanes.push_back(job->lane);
    }
    // From here on the jobs may be gone: each lives in the frame of the coroutine that waits for it.
    batch.clear();
    clock_.post_all(done);
    {
      const std::lock_guard lock(mutex_);
      for (const Lane lane : lanes) {
        if (lane.is_everything()) busy_with_everything_ = false;
        busy_.erase(lane.key());
      }
    }
    changed_.notify_all();
  }
}

}  // namespace epay::db
