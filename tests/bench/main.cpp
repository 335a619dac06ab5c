// ./dev bench: payments end to end (HTTP charge, settled at once by the simulator, webhook delivered and recorded) on
// the real binary, and in the same run on the same disk the two limits: the store alone, and HTTP alone.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "bench/backlog.h"
#include "bench/copies.h"
#include "bench/dashboard.h"
#include "bench/figures.h"
#include "bench/load.h"
#include "bench/misbehaviour.h"
#include "bench/pgbench.h"
#include "bench/postgres.h"
#include "bench/raw.h"
#include "bench/recover.h"
#include "bench/stores.h"
#include "bench/variety.h"
#include "bench/webhooks.h"

namespace {

using namespace epay;

constexpr std::uint16_t receiver_port = 18'399;

struct Config {
  std::string binary = "build/release/epay";
  bench::Place place;
  int merchants = 16;
  std::int64_t payments = 30'000;
  std::int64_t stored = 0;
  bool keep = false;
  std::int64_t per_second = 1'000;
  std::int64_t seconds = 20;
  std::vector<int> callers{1, 16, 64, 256};
  bool raw_only = false;
};

Timestamp now() {
  return {std::chrono::duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

std::vector<bench::Merchant> open_shops(const bench::Store& store, int count, int first = 0) {
  const std::string url = "http://127.0.0.1:" + std::to_string(receiver_port) + "/webhook";
  return bench::open_merchants(store, {.count = count, .first = first, .url_of = [&](int) { return url; }});
}

void print_load(const bench::LoadResult& result) {
  bench::print_latency("charge answered", result.answers);
  bench::print_latency("webhook arrived", result.webhooks);
  std::printf("  CPU %.0f us a payment, peak memory %.1f MiB, idle %.1f MiB, errors %lld\n",
              result.cpu_micros_per_payment, double(result.peak_kib) / 1024, double(result.idle_kib) / 1024,
              static_cast<long long>(result.errors));
}

struct Shops {
  bench::Store store;
  std::vector<bench::Merchant> merchants;
};

// A store with `stored` payments. What varies is made by the program's own statements, in a file; more of it are
// copies.
Shops fill(const Config& config) {
  if (config.keep) {
    // Nobody knows its merchants' secrets any more: others come beside them.
    Shops kept{bench::store_at(config.place, config.place.server.empty() ? "full" : "moved"), {}};
    kept.merchants = open_shops(kept.store, config.merchants, int(now().micros / 1'000'000 % 1'000'000'000));
    return kept;
  }
  constexpr std::int64_t varied_max = 1'000'000;
  const std::int64_t varied = std::min(config.stored, varied_max);
  Shops full{bench::fresh_store({.directory = config.place.directory}, "full"), {}};
  full.merchants = open_shops(full.store, config.merchants);
  bench::store_varied(full.store, bench::ids_of(full.merchants), varied, now());
  if (!config.place.server.empty()) {
    const bench::Store file = std::exchange(full.store, bench::fresh_store(config.place, "moved"));
    std::filesystem::copy_file(file.key_file, full.store.key_file);
    const std::string move = config.binary + " move --from '" + file.address + "' --to '" + full.store.address + "'";
    if (std::system(move.c_str()) != 0) throw std::runtime_error("cannot move the store: " + move);
  }
  if (config.stored > varied) bench::store_copies(full.store, config.stored / varied - 1);
  return full;
}

// The same load on an empty store and on one with `stored` payments, in turns: what the machine does meanwhile hits
// both.
void compare(const Config& config) {
  constexpr int rounds = 3;
  constexpr std::int64_t warm_up_payments = 5'000;
  std::printf("storing %lld payments first\n", static_cast<long long>(config.stored));
  std::fflush(stdout);
  Shops shops[] = {{bench::fresh_store(config.place, "empty"), {}}, fill(config)};
  shops[0].merchants = open_shops(shops[0].store, config.merchants);
  for (const Shops& each : shops) {
    bench::run_load({config.binary, each.store, {bench::accounts_of(each.merchants), warm_up_payments, 16, 0, "warm-"}},
                    receiver_port);
    if (!config.place.server.empty()) bench::analyze_store(each.store);
  }
  for (const int callers : config.callers) {
    double sums[] = {0, 0};
    for (int round = 0; round < rounds; ++round) {
      const std::string tag = std::to_string(callers) + "-" + std::to_string(round) + "-";
      for (int which : {0, 1}) {
        sums[which] += bench::run_load({config.binary,
                                        shops[which].store,
                                        {bench::accounts_of(shops[which].merchants), config.payments, callers, 0, tag}},
                                       receiver_port)
                           .payments_per_second;
      }
    }
    std::printf("%d callers, %d rounds: empty %.0f, with %lld stored %.0f payments/s; ratio %.2f\n", callers, rounds,
                sums[0] / rounds, static_cast<long long>(config.stored), sums[1] / rounds, sums[1] / sums[0]);
    std::fflush(stdout);
  }
}

void run(const Config& config) {
  const bench::Store store = bench::fresh_store(config.place, "epay");
  const bench::Store raw_store = bench::fresh_store(config.place, "raw");
  const auto accounts = bench::accounts_of(open_shops(store, config.merchants));
  const auto raw_merchants = bench::ids_of(open_shops(raw_store, config.merchants));
  const double posts = bench::run_posts(receiver_port, 64, 100'000);
  std::printf("limit: plain POSTs to the receiver, 64 connections   %8.0f /s\n", posts);
  for (const int callers : config.callers) {
    const std::int64_t payments = callers < 8 ? config.payments / 6 : config.payments;
    const std::string tag = std::to_string(callers) + "-";
    const double raw = bench::run_raw(raw_store, raw_merchants, callers, payments, tag).payments_per_second;
    if (config.raw_only) {
      std::printf("%d callers: the store alone %.0f payments/s\n", callers, raw);
      std::fflush(stdout);
      continue;
    }
    const auto result = bench::run_load({config.binary, store, {accounts, payments, callers, 0, tag}}, receiver_port);
    std::printf(
        "\n%d callers: %.0f payments/s end to end\n  the store alone, same statements: %.0f /s; ratio %.2f; of plain "
        "POSTs %.3f\n",
        callers, result.payments_per_second, raw, result.payments_per_second / raw, result.payments_per_second / posts);
    print_load(result);
    std::fflush(stdout);
  }
  if (config.per_second == 0 || config.raw_only) return;
  const auto result = bench::run_load(
      {config.binary, store, {accounts, config.per_second * config.seconds, 0, config.per_second, "open-"}},
      receiver_port);
  std::printf("\nopen loop, %lld payments/s for %lld s:\n", static_cast<long long>(config.per_second),
              static_cast<long long>(config.seconds));
  print_load(result);
}

void add_webhooks(CLI::App& bench, const Config& common, bench::WebhooksConfig& config) {
  std::vector<std::string> kinds;
  for (const auto& one : bench::misbehaviours) kinds.emplace_back(one.name);
  auto* verb = bench.add_subcommand("webhooks", "how soon healthy endpoints hear while a share of them misbehaves");
  verb->add_option("--endpoints", config.endpoints, "of all merchants together")->capture_default_str();
  verb->add_option("--fan-out", config.fan_outs, "endpoints of each merchant; each is measured")->capture_default_str();
  verb->add_option("--share", config.shares, "percent that misbehave; each is measured, and 0 too")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  verb->add_option("--kind", config.kinds, "how they misbehave; each is measured")
      ->check(CLI::IsMember(kinds))
      ->capture_default_str();
  verb->add_option("--per-second", config.per_second,
                   "payments, each with a webhook for every endpoint of its merchant")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_flag("--count-webhooks", config.count_webhooks,
                 "--per-second is of webhooks: a fan-out of 10 gets a tenth as many payments");
  verb->add_option("--seconds", config.seconds, "of each measurement")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--rounds", config.rounds, "of everything, in turns")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--serve", config.serve_arguments, "further arguments for epay serve, one each");
  verb->callback([&] {
    config.binary = common.binary;
    config.place = common.place;
    for (const int fan_out : config.fan_outs) {
      if (fan_out < 1 || config.endpoints % fan_out != 0)
        throw CLI::ValidationError("--fan-out", "must divide the number of endpoints");
    }
    bench::run_webhooks(config);
  });
}

void add_recover(CLI::App& bench, const Config& common, bench::RecoverConfig& config) {
  auto* verb = bench.add_subcommand("recover", "what is new to an endpoint, while all that failed is sent to it again");
  verb->add_option("--failed", config.failed, "deliveries")->check(CLI::PositiveNumber)->capture_default_str();
  verb->add_option("--per-second", config.per_second, "payments meanwhile")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--seconds", config.seconds, "of each measurement")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->callback([&] {
    config.binary = common.binary;
    config.place = common.place;
    bench::run_recover(config);
  });
}

void add_backlog(CLI::App& bench, const Config& common, bench::BacklogConfig& config) {
  auto* verb = bench.add_subcommand("backlog", "a start on a store full of overdue deliveries");
  verb->add_option("--waiting", config.waiting, "deliveries")->check(CLI::PositiveNumber)->capture_default_str();
  verb->add_option("--endpoints", config.endpoints, "each of a merchant of its own")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--seconds", config.seconds, "of draining that are looked at")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--serve", config.serve_arguments, "further arguments for epay serve, one each");
  verb->callback([&] {
    config.binary = common.binary;
    config.place = common.place;
    bench::run_backlog(config);
  });
}

void add_dashboard(CLI::App& bench, const Config& common, bench::DashboardConfig& config) {
  auto* verb =
      bench.add_subcommand("dashboard", "each list, search and figure on a store with many payments of one merchant");
  verb->add_option("--stored", config.stored, "payments")->check(CLI::PositiveNumber)->capture_default_str();
  verb->add_option("--rounds", config.rounds, "of each query")->check(CLI::PositiveNumber)->capture_default_str();
  verb->add_flag("--keep", config.keep, "uses the store of an earlier run");
  verb->callback([&] {
    config.binary = common.binary;
    config.place = common.place;
    bench::run_dashboard(config);
  });
}

void add_postgres(CLI::App& bench, const Config& common, bench::PostgresConfig& config) {
  auto* verb = bench.add_subcommand("postgres", "one process and several on a PostgreSQL server, beside pgbench there");
  verb->add_option("--merchants", config.merchants)->capture_default_str();
  verb->add_option("--payments", config.payments, "of each measurement")->capture_default_str();
  verb->add_option("--callers", config.callers, "closed loops, and pgbench's clients")->capture_default_str();
  verb->add_option("--processes", config.processes, "of epay serve on one store; each is measured")
      ->capture_default_str();
  verb->add_option("--rounds", config.rounds, "of everything, in turns")->capture_default_str();
  verb->callback([&] {
    config.binary = common.binary;
    config.place = common.place;
    if (!config.place.server.empty()) return bench::run_postgres(config);
    throw CLI::ValidationError("--database", "must be a PostgreSQL server");
  });
}

void add_fill(CLI::App& bench, const Config& config, std::int64_t& stored) {
  auto* verb = bench.add_subcommand("fill", "a store with many payments, for other programs: prints its --database");
  verb->add_option("--stored", stored, "payments")->check(CLI::PositiveNumber)->capture_default_str();
  verb->callback([&] {
    const bench::Store store = bench::fresh_store(config.place, "fill");
    bench::store_varied(store, bench::ids_of(open_shops(store, config.merchants)), stored, now());
    std::printf("%s\n", store.address.c_str());
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App bench("Epay's benchmark");
  bench.fallthrough();
  Config config;
  bench::WebhooksConfig webhooks;
  bench::BacklogConfig backlog;
  add_webhooks(bench, config, webhooks);
  add_backlog(bench, config, backlog);
  bench::PostgresConfig postgres;
  add_postgres(bench, config, postgres);
  bench::RecoverConfig recover;
  add_recover(bench, config, recover);
  bench::DashboardConfig dashboard;
  add_dashboard(bench, config, dashboard);
  std::int64_t filled = 100'000;
  add_fill(bench, config, filled);
  bench.add_option("--binary", config.binary, "the epay to measure")->capture_default_str();
  bench.add_option("--directory", config.place.directory, "where the stores are made: the disk that counts")
      ->capture_default_str();
  bench.add_option("--database", config.place.server,
                   "postgresql://…: stores are schemas there, called bench_…; alone, what `postgres` does");

  bench.add_option("--merchants", config.merchants)->capture_default_str();
  bench.add_option("--payments", config.payments, "of each closed loop")->capture_default_str();
  bench.add_option("--stored", config.stored, "compares an empty store with one that has this many payments")
      ->capture_default_str();
  bench.add_flag("--keep", config.keep, "with --stored: the full store is that of an earlier run");
  bench.add_option("--callers", config.callers, "closed loops to run")->capture_default_str();
  bench.add_option("--per-second", config.per_second, "of the open loop; 0: none")->capture_default_str();
  bench.add_option("--seconds", config.seconds, "of the open loop")->capture_default_str();
  bench.add_flag("--raw-only", config.raw_only, "only the store's limit");
  CLI11_PARSE(bench, argc, argv);
  if (!bench.get_subcommands().empty()) return 0;
  if (config.stored > 0) {
    compare(config);
  } else if (!config.place.server.empty() && !config.raw_only) {
    bench::run_postgres({.binary = config.binary, .place = config.place});
  } else {
    run(config);
  }
  return 0;
}
