// `epay sim`: the whole service in virtual time under seeds (development builds).
#pragma once

#include <string>

namespace epay::simulation {

struct SimConfig {
  std::string seeds;          // "1..200" or "7"
  bool trace = false;         // print what happens
  std::size_t processes = 1;  // that serve one store
};

// Exit code: 0 all clean; 1 a seed failed, with the command that runs it again; 2 used wrongly.
int run_seeds(const SimConfig& config);

}  // namespace epay::simulation
