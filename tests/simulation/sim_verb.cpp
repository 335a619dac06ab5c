#include "simulation/sim_verb.h"

#include <csignal>
#include <cstdio>
#include <ctime>

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>

#include "simulation/world.h"

namespace epay::simulation {
namespace {

struct Range {
  std::uint64_t first = 0, last = 0;
};

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Range> parse_seeds(std::string_view text) {
  const auto dots = text.find("..");
  const auto first = parse_number(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : parse_number(text.substr(dots + 2));
  if (!first || !last || *last < *first) return std::nullopt;
  return Range{*first, *last};
}

// A CHECK of the service ends the process: the seed that did it must still be named.
char abort_line[200];

void name_seed(int) { (void)!::write(STDOUT_FILENO, abort_line, std::strlen(abort_line)); }

// The command that runs a seed again.
std::string again(const SimConfig& config, std::uint64_t seed) {
  return "run it again: build/release/epay sim --seeds " + std::to_string(seed) +
         (config.processes == 1 ? "" : " --processes " + std::to_string(config.processes)) + " --trace";
}

}  // namespace

int run_seeds(const SimConfig& config) {
  const auto range = parse_seeds(config.seeds);
  if (!range) {
    std::fprintf(stderr, "epay: --seeds takes A..B or one number\n");
    return 2;
  }
  std::signal(SIGABRT, name_seed);
  const auto began = std::chrono::steady_clock::now();
  RunReport total;
  std::uint64_t failures = 0;
  std::size_t payments = 0;
  for (std::uint64_t seed = range->first; seed <= range->last; ++seed) {
    const auto number = static_cast<unsigned long long>(seed);
    std::snprintf(abort_line, sizeof abort_line, "seed %llu failed: the service aborted; %s\n", number,
                  again(config, seed).c_str());
    RunReport report = run_seed(seed, config.processes, config.trace);
    // A run that cannot be repeated is worth nothing: the first is checked.
    if (seed == range->first && !report.failure &&
        run_seed(seed, config.processes, false).trace_hash != report.trace_hash) {
      report.failure = "a second run took another course";
    }
    if (report.failure) {
      std::printf("seed %llu failed: %s; %s\n", number, report.failure->c_str(), again(config, seed).c_str());
      ++failures;
    }
    payments += report.endings.size();
    total.messages += report.messages;
    total.receipts += report.receipts;
    total.crashes += report.crashes;
    total.steps += report.steps;
    total.virtual_time += report.virtual_time;
    if (config.trace) std::printf("trace %016llx\n", static_cast<unsigned long long>(report.trace_hash));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const auto seeds = range->last - range->first + 1;
  std::printf(
      "%llu seeds, %zu payments, %zu webhooks received %zu times, %zu crashes, %lld virtual hours, %llu steps, %.1f "
      "s: ",
      static_cast<unsigned long long>(seeds), payments, total.messages, total.receipts, total.crashes,
      static_cast<long long>(total.virtual_time / hours(1)), static_cast<unsigned long long>(total.steps),
      took.count());
  if (failures == 0) {
    std::printf("all clean\n");
  } else {
    std::printf("%llu FAILED\n", static_cast<unsigned long long>(failures));
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace epay::simulation
