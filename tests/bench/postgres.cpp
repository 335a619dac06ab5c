#include "bench/postgres.h"

#include <algorithm>
#include <cstdio>

#include "bench/figures.h"
#include "bench/load.h"
#include "bench/pgbench.h"

namespace epay::bench {
namespace {

constexpr std::uint16_t receiver_port = 18'399;
constexpr std::int64_t warm_up_payments = 2'000;
constexpr int pgbench_seconds = 8;

std::vector<Merchant> open_shops(const Store& store, int count) {
  const std::string url = "http://127.0.0.1:" + std::to_string(receiver_port) + "/webhook";
  return open_merchants(store, {.count = count, .url_of = [&](int) { return url; }});
}

struct Stores {
  Store epay, pgbench;
  std::vector<app::Account> accounts;
};

// Both hold some payments and know their figures.
Stores make_stores(const PostgresConfig& config, int pgbench_clients) {
  Stores stores{fresh_store(config.place, "epay"), fresh_store(config.place, "pgbench"), {}};
  stores.accounts = accounts_of(open_shops(stores.epay, config.merchants));
  open_shops(stores.pgbench, pgbench_clients);
  prepare_pgbench({.store = stores.pgbench});
  run_load({config.binary, stores.epay, {stores.accounts, warm_up_payments, 16, 0, "warm-"}}, receiver_port);
  run_pgbench({stores.pgbench, pgbench_clients, 2});
  analyze_store(stores.epay);
  analyze_store(stores.pgbench);
  return stores;
}

}  // namespace

void run_postgres(const PostgresConfig& config) {
  const Stores stores = make_stores(config, *std::ranges::max_element(config.callers));
  double best_epay = 0, best_pgbench = 0;
  for (int round = 0; round < config.rounds; ++round) {
    for (const int callers : config.callers) {
      const double pgbench = run_pgbench({stores.pgbench, callers, pgbench_seconds});
      best_pgbench = std::max(best_pgbench, pgbench);
      std::printf("\n%d callers: pgbench %.0f payments/s, one a transaction\n", callers, pgbench);
      for (const int processes : config.processes) {
        const std::string tag =
            std::to_string(round) + "-" + std::to_string(callers) + "-" + std::to_string(processes) + "-";
        const auto result =
            run_load({config.binary, stores.epay, {stores.accounts, config.payments, callers, 0, tag}, processes},
                     receiver_port);
        best_epay = std::max(best_epay, result.payments_per_second);
        std::printf("%d callers, %d process%s: %.0f payments/s end to end, %.2f times pgbench\n", callers, processes,
                    processes == 1 ? "" : "es", result.payments_per_second, result.payments_per_second / pgbench);
        print_latency("charge answered", result.answers);
        print_latency("webhook arrived", result.webhooks);
        std::printf("  CPU of epay %.0f us a payment, errors %lld\n", result.cpu_micros_per_payment,
                    static_cast<long long>(result.errors));
        std::fflush(stdout);
      }
    }
  }
  print_line(best_epay > best_pgbench, text_of("the best of Epay %.0f/s, of pgbench %.0f/s: %.2f times", best_epay,
                                               best_pgbench, best_epay / best_pgbench));
}

}  // namespace epay::bench
