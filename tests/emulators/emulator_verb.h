// `epay emulator`: an emulated rail on real sockets (development builds).
#pragma once

#include <string>
#include <vector>

namespace epay::emulators {

struct EmulatorConfig {
  std::string vendor;
  std::string listen = "127.0.0.1:0";
  std::string control = "127.0.0.1:0";
  std::string clock = "real";         // or "manual": POST /clock moves it
  std::string state_file;             // empty: it forgets all when it ends
  std::vector<std::string> switches;  // NAME=VALUE
};

// Serves until SIGINT or SIGTERM. Prints one line of JSON when it listens:
// {"event":"listening","address":"127.0.0.1:4000","control":"127.0.0.1:4001"}. Exit code: 0; 1 could not; 2 used
// wrongly.
int run_emulator(const EmulatorConfig& config);

}  // namespace epay::emulators
