#include "bench/figures.h"

#include <algorithm>

namespace epay::bench {

microseconds percentile(const std::vector<microseconds>& sorted, double share) {
  if (sorted.empty()) return microseconds(0);
  return sorted[std::min(sorted.size() - 1, std::size_t(double(sorted.size()) * share))];
}

double in_milliseconds(microseconds duration) { return double(duration.count()) / 1'000; }

double in_mebibytes(std::int64_t kibibytes) { return double(kibibytes) / 1'024; }

void print_latency(const char* name, const std::vector<microseconds>& sorted) {
  const auto ms = [&](double share) { return in_milliseconds(percentile(sorted, share)); };
  std::printf("  %-28s p50 %7.2f   p95 %7.2f   p99 %7.2f   p99.9 %7.2f ms\n", name, ms(0.5), ms(0.95), ms(0.99),
              ms(0.999));
}

int print_line(bool kept, const std::string& what) {
  std::printf("    %-5s %s\n", kept ? "ok" : "OVER", what.c_str());
  return kept ? 0 : 1;
}

}  // namespace epay::bench
