// How often somebody may do something: so many times within a while, told apart by a text such as an address or a
// telephone number. A prompt on a telephone that nobody asked for is spam.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/timestamp.h"

namespace epay {

class AttemptLimiter {
 public:
  // `most` 0: any number.
  AttemptLimiter(std::size_t most, microseconds within) : most_(most), within_(within) {}

  // Counts one; or, when that would be one too many, how long until there is room, and counts nothing. `sharers`:
  // processes that each allow a share, rounded up.
  std::optional<microseconds> take(const std::string& who, Ticks now, int sharers = 1);

 private:
  // Those that have been idle are forgotten when there are this many.
  static constexpr std::size_t known_max = 50'000;

  std::map<std::string, std::deque<Ticks>> taken_;
  std::size_t most_;
  microseconds within_;
};

}  // namespace epay
