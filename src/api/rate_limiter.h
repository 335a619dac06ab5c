// How many requests a merchant, or an address that has not said who it is, may make: a bucket each, which fills
// steadily.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/timestamp.h"

namespace epay::api {

class RateLimiter {
 public:
  // `per_second` requests on average, at most twice as many at once. 0: no limit.
  explicit RateLimiter(std::int64_t per_second) : per_second_(per_second) {}

  // Takes one request out of the bucket; how long to wait when it is empty. `sharers`: processes that each let a share
  // of the requests in.
  std::optional<microseconds> take(const std::string& who, Ticks now, int sharers = 1);

 private:
  // Unused buckets are forgotten when there are this many.
  static constexpr std::size_t buckets_max = 100'000;
  // Until when a bucket's requests have been used up; each moves it on by the time in which one more fills.
  std::map<std::string, Ticks> used_until_;
  std::int64_t per_second_;
};

}  // namespace epay::api
