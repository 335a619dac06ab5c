// What a run prints: percentiles, and whether a figure keeps within its line.
#pragma once

#include <string>
#include <vector>

#include "base/timestamp.h"

namespace epay::bench {

microseconds percentile(const std::vector<microseconds>& sorted, double share);
double in_milliseconds(microseconds duration);
double in_mebibytes(std::int64_t kibibytes);

void print_latency(const char* name, const std::vector<microseconds>& sorted);
// "    ok    p99 at most 50 ms: 1.20 ms", or "    OVER  …". Gives back whether it was kept.
bool print_line(bool kept, const std::string& what);

}  // namespace epay::bench
