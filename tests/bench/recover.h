// ./dev bench recover: what is new to an endpoint, while everything that failed for it is sent to it again.
#pragma once

#include <cstdint>
#include <string>

#include "bench/stores.h"

namespace epay::bench {

struct RecoverConfig {
  std::string binary;
  Place place;
  std::int64_t failed = 100'000;  // deliveries that were given up
  std::int64_t per_second = 500;  // payments meanwhile
  std::int64_t seconds = 10;      // of each measurement
};

void run_recover(const RecoverConfig& config);

}  // namespace epay::bench
