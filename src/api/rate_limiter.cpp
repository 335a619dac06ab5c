#include "api/rate_limiter.h"

#include <algorithm>

namespace epay::api {

std::optional<microseconds> RateLimiter::take(const std::string& who, Ticks now, int sharers) {
  if (per_second_ == 0) return std::nullopt;
  const microseconds one(std::int64_t(1'000'000) * sharers / per_second_);
  const microseconds burst = seconds(2);
  if (used_until_.size() >= buckets_max)
    std::erase_if(used_until_, [&](const auto& bucket) { return bucket.second <= now; });
  Ticks& used = used_until_[who];
  const Ticks after = std::max(used, now) + one;
  if (after - now > burst) return after - now - burst;
  used = after;
  return std::nullopt;
}

}  // namespace epay::api
