// What happened in a run, line by line: printed on demand, and always hashed, so that two runs can be compared.
#pragma once

#include <cstdint>
#include <string_view>

#include "simulation/sim_clock.h"

namespace epay::simulation {

class Trace {
 public:
  Trace(const SimClock& clock, bool print) : clock_(clock), print_(print) {}

  void add(std::string_view line);
  std::uint64_t hash() const { return hash_; }

 private:
  const SimClock& clock_;
  bool print_;
  std::uint64_t hash_ = 0xcbf29ce484222325;  // FNV-1a
};

}  // namespace epay::simulation
