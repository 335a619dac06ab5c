#include "webhooks/retry_schedule.h"

#include "base/check.h"

namespace epay::webhooks {

RetrySchedule::RetrySchedule()
    : waits_{seconds(5), minutes(5), minutes(30), hours(2), hours(5), hours(10), hours(14), hours(20), hours(24)} {}

std::optional<microseconds> RetrySchedule::wait_after(int tries, int jitter) const {
  EPAY_CHECK(tries >= 1);
  EPAY_CHECK(jitter >= 0 && jitter < 400);
  if (static_cast<std::size_t>(tries) > waits_.size()) return std::nullopt;
  return waits_[static_cast<std::size_t>(tries) - 1] * (800 + jitter) / 1000;
}

}  // namespace epay::webhooks
