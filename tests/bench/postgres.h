// Epay on a PostgreSQL server, with one process and with several, beside pgbench on the same server in the same run.
#pragma once

#include <string>
#include <vector>

#include "bench/stores.h"

namespace epay::bench {

struct PostgresConfig {
  std::string binary;
  Place place;
  int merchants = 16;
  std::int64_t payments = 20'000;  // of each measurement
  std::vector<int> callers{16, 64, 256};
  std::vector<int> processes{1, 4};
  int rounds = 3;  // of everything, in turns
};

void run_postgres(const PostgresConfig& config);

}  // namespace epay::bench
