// The load test: charges, and in the same process a receiver that notes when each webhook arrives.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/timestamp.h"
#include "bench/charges.h"
#include "bench/stores.h"

namespace epay::bench {

struct LoadPlan {
  std::string binary;
  Store store;
  ChargePlan charges;
  int processes = 1;  // that serve the store
};

struct LoadResult {
  double payments_per_second = 0;      // until the last webhook has arrived
  std::vector<microseconds> answers;   // from sent (open loop: from when it was to be sent) to answered, sorted
  std::vector<microseconds> webhooks;  // from the decision (before its commit) to arrival, sorted
  double cpu_micros_per_payment = 0;
  std::int64_t peak_kib = 0;
  std::int64_t idle_kib = 0;  // before the first request
  std::int64_t errors = 0;
};

LoadResult run_load(const LoadPlan& plan, std::uint16_t receiver_port);

// Plain POSTs of a webhook's size to the same receiver, from a process of their own.
double run_posts(std::uint16_t receiver_port, int connections, std::int64_t posts);

}  // namespace epay::bench
