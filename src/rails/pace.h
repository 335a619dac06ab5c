// So many a second, one after the other: whoever comes too early waits for its turn.
#pragma once

#include "runtime/clock.h"
#include "runtime/task.h"

namespace epay::rails {

class Pace {
 public:
  Pace(Clock& clock, int per_second) : clock_(clock), gap_(seconds(1)) { gap_ /= per_second; }

  Task<void> turn() {
    const Ticks now = clock_.ticks();
    const Ticks mine = std::max(now, next_);
    next_ = mine + gap_;
    if (mine > now) co_await clock_.sleep_until(mine);
  }

 private:
  Clock& clock_;
  microseconds gap_;
  Ticks next_;
};

}  // namespace epay::rails
