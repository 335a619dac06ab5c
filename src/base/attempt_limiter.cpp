#include "base/attempt_limiter.h"

namespace epay {

std::optional<microseconds> AttemptLimiter::take(const std::string& who, Ticks now, int sharers) {
  if (most_ == 0) return std::nullopt;
  if (taken_.size() >= known_max)
    std::erase_if(taken_, [&](const auto& known) { return known.second.back() + within_ <= now; });
  // So many at once are no customers; memory is bounded all the same.
  if (taken_.size() >= known_max) taken_.clear();
  auto& taken = taken_[who];
  while (!taken.empty() && taken.front() + within_ <= now) taken.pop_front();
  const auto share = (most_ + static_cast<std::size_t>(sharers) - 1) / static_cast<std::size_t>(sharers);
  if (taken.size() >= share) return taken.front() + within_ - now;
  taken.push_back(now);
  return std::nullopt;
}

}  // namespace epay
