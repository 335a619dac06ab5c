// What a run prints: percentiles, and whether a figure keeps within its line.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "base/timestamp.h"

namespace epay::bench {

microseconds percentile(const std::vector<microseconds>& sorted, double share);
double in_milliseconds(microseconds duration);
double in_mebibytes(std::int64_t kibibytes);

void print_latency(const char* name, const std::vector<microseconds>& sorted);
// "    ok    p99 at most 50 ms: 1.20 ms", or "    OVER  …". Gives 1 for a line that is not kept, 0 for one that is.
int print_line(bool kept, const std::string& what);
// As printf makes it, up to 200 characters.
std::string text_of(const char* format, auto... values) {
  char text[200];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

}  // namespace epay::bench
