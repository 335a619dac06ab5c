// A store whose answers take a moment, as a real one's do: what was queued meanwhile goes together, and what a read saw
// is older than what was written when it answers.
#pragma once

#include <utility>
#include <vector>

#include "base/log.h"
#include "db/database.h"
#include "runtime/task_group.h"

namespace epay::simulation {

class SlowStore final : public db::Database {
 public:
  SlowStore(Clock& clock, Log& log, db::Database& inner) : clock_(clock), inner_(inner), tasks_(clock, log, "slow") {}

  void drop_all() override { inner_.drop_all(); }
  void set_process(ProcessId process) override { inner_.set_process(process); }

 protected:
  void submit_write(db::Job& job) override { add(writes_, job); }
  void submit_read(db::Job& job) override { add(reads_, job); }

 private:
  struct Queue {
    microseconds takes;  // after the commit, after the snapshot
    std::vector<db::Job*> waiting = {};
    bool running = false;
  };

  void add(Queue& queue, db::Job& job) {
    queue.waiting.push_back(&job);
    if (!std::exchange(queue.running, true)) tasks_.spawn(run(queue));
  }
  Task<void> run(Queue& queue) {
    while (!queue.waiting.empty()) {
      const auto batch = std::exchange(queue.waiting, {});
      for (db::Job* job : batch) {
        // The job keeps its own answer; an error only has its changes undone.
        co_await inner_.write(job->lane, [job](db::Transaction& tx) -> Result<> {
          if (job->run(tx)) return {};
          return fail(ErrorCode::conflict, "undo");
        });
      }
      co_await clock_.sleep(queue.takes);
      for (db::Job* job : batch) clock_.post(job->waiting);
    }
    queue.running = false;
  }

  Clock& clock_;
  db::Database& inner_;
  Queue writes_{microseconds(150)};
  Queue reads_{microseconds(1'500)};
  TaskGroup tasks_;
};

}  // namespace epay::simulation
