// ./dev bench backlog: a service that starts on a store full of deliveries that are all overdue.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/stores.h"

namespace epay::bench {

struct BacklogConfig {
  std::string binary;
  Place place;
  std::int64_t waiting = 1'000'000;  // deliveries
  int endpoints = 1'000;             // each of a merchant of its own
  std::int64_t seconds = 15;         // of draining that are looked at
  std::vector<std::string> serve_arguments;
};

void run_backlog(const BacklogConfig& config);

}  // namespace epay::bench
