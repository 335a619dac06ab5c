// Several writers of one store, each with a connection and a thread. Jobs of one lane are never with two of them, so
// that they do not wait for each other at the server.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "db/database.h"
#include "db/work_meter.h"
#include "runtime/clock.h"

namespace epay::db {

class PostgresWriters {
 public:
  using RunBatch = std::function<void(std::span<Job* const>)>;
  // A thread for each of `runs`.
  PostgresWriters(Clock& clock, std::size_t batch_max, std::vector<RunBatch> runs);
  // Finishes what is queued; its coroutines are posted to the clock.
  ~PostgresWriters();
  PostgresWriters(const PostgresWriters&) = delete;
  PostgresWriters& operator=(const PostgresWriters&) = delete;

  void submit(Job& job);
  WorkFigures figures() const { return meter_.figures(); }

 private:
  void serve(const RunBatch& run);
  void take_batch(std::vector<Job*>& batch);
  bool is_taken(const Job& job) const;

  Clock& clock_;
  WorkMeter meter_;
  std::size_t batch_max_;
  std::vector<RunBatch> runs_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Under mutex_.
  std::vector<Job*> waiting_;
  std::set<std::int64_t> busy_;  // lanes whose jobs a writer has
  bool busy_with_everything_ = false;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace epay::db
