// Chance that is the same in every run with the same seed (xoshiro256**, seeded by splitmix64). Nothing for secrets.
#pragma once

#include <array>
#include <cstdint>

#include "runtime/random.h"

namespace epay::simulation {

class SimRandom final : public Random {
 public:
  explicit SimRandom(std::uint64_t seed);
  void fill(std::span<unsigned char> bytes) override;
  std::uint64_t next();
  // True once in `times`, on average.
  bool once_in(std::uint64_t times) { return below(times) == 0; }

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace epay::simulation
