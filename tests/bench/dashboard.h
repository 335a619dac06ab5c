// ./dev bench dashboard: what each list, search and figure of the dashboard takes on a store with many payments of one
// merchant, against the line of 100 ms.
#pragma once

#include <cstdint>
#include <string>

#include "bench/stores.h"

namespace epay::bench {

struct DashboardConfig {
  std::string binary;
  Place place;
  std::int64_t stored = 1'000'000;
  int rounds = 40;    // of each query
  bool keep = false;  // the store of an earlier run, when it is there
};

void run_dashboard(const DashboardConfig& config);

}  // namespace epay::bench
