// What the bodies that a store runs cost, for operators.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/timestamp.h"

namespace epay::db {

// Since the store was opened.
struct WorkFigures {
  std::int64_t bodies = 0, transactions = 0;
  microseconds time{0};      // that the transactions took
  std::int64_t waiting = 0;  // bodies, now
};

// Any thread.
class WorkMeter {
 public:
  void queued() { ++queued_; }
  void done(std::size_t bodies, microseconds took) {
    bodies_ += static_cast<std::int64_t>(bodies);
    ++transactions_;
    time_us_ += took.count();
  }
  void dropped_all() { queued_ = bodies_.load(); }
  WorkFigures figures() const {
    const std::int64_t done = bodies_;  // before what was queued, which it is never more than
    return {done, transactions_, microseconds(time_us_), queued_ - done};
  }

 private:
  std::atomic<std::int64_t> queued_ = 0, bodies_ = 0, transactions_ = 0, time_us_ = 0;
};

}  // namespace epay::db
