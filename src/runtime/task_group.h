// Owns coroutines that nobody awaits: connections, deliveries, timers. An exception that leaves one is logged, and ends
// that one alone. Reactor thread only.
#pragma once

#include <cstddef>
#include <list>
#include <string>

#include "base/log.h"
#include "runtime/clock.h"
#include "runtime/task.h"

namespace epay::runtime {

class TaskGroup {
 public:
  // `name` stands in the log when one of the group's tasks throws.
  TaskGroup(Clock& clock, Log& log, std::string name);
  // Destroys what has not ended, as a crash would: only right when nothing that could resume them is left.
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Runs the task until it first waits, then returns.
  void spawn(Task<void> task);
  std::size_t size() const { return running_; }
  // Until the group is empty, or `due`. One waiter at a time.
  Task<void> wait_empty(Ticks due);

 private:
  struct Root;
  Root run(Task<void> task);

  Clock& clock_;
  Log& log_;
  std::string name_;
  Signal emptied_;
  std::list<std::coroutine_handle<>> roots_;
  std::size_t running_ = 0;
};

}  // namespace epay::runtime

namespace epay {
using runtime::TaskGroup;
}
