// When an undelivered event is sent again: now, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h after the try
// before, each ±20 %, so that receivers that failed together are not called together.
#pragma once

#include <optional>
#include <vector>

#include "base/timestamp.h"

namespace epay::webhooks {

class RetrySchedule {
 public:
  RetrySchedule();
  // An endpoint's own. Waits before the second try, the third, …
  explicit RetrySchedule(std::vector<microseconds> waits) : waits_(std::move(waits)) {}

  // How long after the `tries`-th try (from 1) the next one is due; nothing when that was the last. `jitter` is chance
  // in [0, 400): it stretches the wait to 80–120 %.
  std::optional<microseconds> wait_after(int tries, int jitter) const;

 private:
  std::vector<microseconds> waits_;
};

}  // namespace epay::webhooks
