#include "bench/webhooks.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "base/check.h"
#include "bench/charges.h"
#include "bench/deliveries.h"
#include "bench/figures.h"
#include "bench/receivers.h"
#include "bench/service.h"
#include "bench/stores.h"

namespace epay::bench {
namespace {

constexpr std::uint16_t receiver_port = 18'398;
constexpr seconds wait_max{60};  // for what has not arrived when the last charge is answered
constexpr milliseconds look_every{5};

// The lines.
constexpr milliseconds p50_max{2}, p95_max{10}, p99_max{50};
constexpr double p99_growth_max = 2;
// Memory holds the store's caches (64 MiB, which fill up with the store) and little else; in the last third of the load
// it grows no faster than when nobody misbehaves.
constexpr std::int64_t peak_kib_max = 128 * 1'024;
constexpr std::int64_t growth_more_max_kib = 8 * 1'024;

struct Case {
  int fan_out = 1;
  int share = 0;
  Misbehaviour kind = Misbehaviour::hang;
};

std::int64_t payments_per_second(const WebhooksConfig& config, int fan_out) {
  return config.count_webhooks ? std::max<std::int64_t>(config.per_second / fan_out, 1) : config.per_second;
}

struct Figures {
  std::vector<microseconds> webhooks;  // of healthy endpoints, from the decision (before its commit) to arrival
  std::vector<microseconds> answers;   // of charges
  std::vector<microseconds> p99s;      // of `webhooks`, of each round
  std::int64_t lost = 0;               // events that a healthy endpoint has not heard of
  std::int64_t forgotten = 0;          // deliveries to any endpoint that the store does not have, or will never send
  std::int64_t twice = 0;
  std::int64_t errors = 0;                     // charges that were not taken on
  std::array<std::int64_t, 3> resident_kib{};  // after a third, two thirds, all of the load
  std::int64_t peak_kib = 0;
  double cpu_seconds = 0;
  std::int64_t payments = 0;
  ReceiverFigures receivers;

  std::int64_t growth_kib() const { return resident_kib[2] - resident_kib[1]; }  // in the last third
};

// The misbehaving are spread evenly: with a fan-out, over every merchant.
bool misbehaves(int endpoint, int share) { return (endpoint + 1) * share / 100 > endpoint * share / 100; }

struct Run {
  Run(const WebhooksConfig& c, const Case& t, const ChargePlan& plan)
      : config(c),
        tested(t),
        log(
            LogLevel::warning, [this] { return reactor.clock().now(); }, print_log_line),
        charges(reactor, log, plan),
        tasks(reactor.clock(), log, "webhooks") {}

  const WebhooksConfig& config;
  const Case& tested;
  runtime::Reactor reactor;
  Log log;
  Charges charges;
  std::vector<std::vector<EndpointId>> healthy;  // by merchant
  ByDelivery<Timestamp> arrived;
  std::size_t arrivals_read = 0;
  Figures figures;
  TaskGroup tasks;

  // How many webhooks the healthy endpoints are owed.
  std::int64_t owed() const {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < healthy.size(); ++i) sum += charges.taken()[i] * std::int64_t(healthy[i].size());
    return sum;
  }
  void read_arrivals(const Receivers& receivers) {
    for (const std::size_t end = receivers.arrivals(); arrivals_read < end; ++arrivals_read) {
      const Arrival& arrival = receivers.arrival(arrivals_read);
      if (!arrived.emplace(arrival.name, arrival.at).second) ++figures.twice;
    }
  }
};

// The last third ends with the load.
Task<void> watch_memory(Run& run, const Service& service) {
  const Ticks began = run.reactor.clock().ticks();
  for (const std::size_t third : {1, 2}) {
    co_await run.reactor.clock().sleep_until(began + std::chrono::seconds(run.config.seconds) * third / 3);
    run.figures.resident_kib[third - 1] = service.usage().resident_kib;
  }
}

Task<void> load(Run& run, const Service& service, const Receivers& receivers) {
  Clock& clock = run.reactor.clock();
  co_await run.charges.sign_in({service.port()});
  const double cpu_before = service.usage().cpu_seconds;
  run.tasks.spawn(watch_memory(run, service));
  co_await run.charges.run();
  run.figures.resident_kib[2] = service.usage().resident_kib;
  const Ticks give_up = clock.ticks() + wait_max;
  for (;;) {
    run.read_arrivals(receivers);
    if (std::int64_t(run.arrived.size()) >= run.owed() || clock.ticks() > give_up) break;
    co_await clock.sleep(look_every);
  }
  const Usage usage = service.usage();
  run.figures.cpu_seconds = usage.cpu_seconds - cpu_before;
  run.figures.peak_kib = usage.peak_kib;
  run.reactor.stop();
}

// What the store says must have arrived, against what has.
void judge_arrivals(Run& run, const Store& store, Timestamp since) {
  std::vector<EndpointId> healthy;
  for (const auto& endpoints : run.healthy) healthy.insert(healthy.end(), endpoints.begin(), endpoints.end());
  std::ranges::sort(healthy);
  const Decisions decisions = read_decisions(store, since);
  run.figures.forgotten = decisions.forgotten;
  for (const Decision& decision : decisions.all) {
    if (!std::ranges::binary_search(healthy, decision.name.endpoint)) continue;
    const auto arrival = run.arrived.find(decision.name);
    if (arrival == run.arrived.end()) {
      ++run.figures.lost;
    } else {
      run.figures.webhooks.push_back(arrival->second - decision.decided);
    }
  }
}

std::vector<Merchant> open_shops(const WebhooksConfig& config, const Case& tested, const Store& store) {
  return open_merchants(
      store,
      {.count = config.endpoints / tested.fan_out, .endpoints_each = tested.fan_out, .url_of = [&](int endpoint) {
         const bool bad = misbehaves(endpoint, tested.share);
         return endpoint_url(receiver_port, endpoint, bad ? std::optional(tested.kind) : std::nullopt);
       }});
}

Figures measure(const WebhooksConfig& config, const Case& tested) {
  const Store store = fresh_store(config.place, "webhooks");
  const std::vector<Merchant> shops = open_shops(config, tested, store);
  const std::int64_t per_second = payments_per_second(config, tested.fan_out);
  const ChargePlan plan{.accounts = accounts_of(shops),
                        .payments = per_second * config.seconds,
                        .per_second = per_second,
                        .tag = "hook-"};
  // Twice what is expected: that much room for what comes twice.
  const Receivers receivers(receiver_port, std::size_t(plan.payments) * std::size_t(tested.fan_out) * 2 + 1'000);
  Run run(config, tested, plan);
  int numbered = 0;
  for (const Merchant& shop : shops) {
    std::vector<EndpointId>& healthy = run.healthy.emplace_back();
    for (const EndpointId endpoint : shop.endpoints) {
      if (!misbehaves(numbered++, tested.share)) healthy.push_back(endpoint);
    }
  }
  const Timestamp since = run.reactor.clock().now();
  {
    std::vector<std::string> arguments = arguments_on(store);
    // What still hangs when all is measured is not waited for.
    arguments.insert(arguments.end(), {"--stop-timeout", "1s"});
    arguments.insert(arguments.end(), config.serve_arguments.begin(), config.serve_arguments.end());
    const Service service(config.binary, arguments, store.log_path);
    run.tasks.spawn(load(run, service, receivers));
    run.reactor.run();
  }
  judge_arrivals(run, store, since);
  run.figures.answers = run.charges.answers();
  run.figures.errors = run.charges.errors();
  run.figures.payments = plan.payments;
  run.figures.receivers = receivers.figures();
  return std::move(run.figures);
}

// The figures of one more round added to those before.
void add(Figures& all, const Figures& one) {
  std::vector<microseconds> sorted = one.webhooks;
  std::ranges::sort(sorted);
  all.p99s.push_back(percentile(sorted, 0.99));
  all.webhooks.insert(all.webhooks.end(), one.webhooks.begin(), one.webhooks.end());
  all.answers.insert(all.answers.end(), one.answers.begin(), one.answers.end());
  std::ranges::sort(all.webhooks);
  std::ranges::sort(all.answers);
  all.lost += one.lost;
  all.forgotten += one.forgotten;
  all.twice += one.twice;
  all.errors += one.errors;
  // The round that grew most speaks for all.
  if (all.payments == 0 || one.growth_kib() > all.growth_kib()) all.resident_kib = one.resident_kib;
  all.peak_kib = std::max(all.peak_kib, one.peak_kib);
  all.cpu_seconds += one.cpu_seconds;
  all.payments += one.payments;
  all.receivers.misbehaved += one.receivers.misbehaved;
  all.receivers.poured += one.receivers.poured;
  all.receivers.followed += one.receivers.followed;
  all.receivers.connections_peak = std::max(all.receivers.connections_peak, one.receivers.connections_peak);
  all.receivers.endpoint_connections_peak =
      std::max(all.receivers.endpoint_connections_peak, one.receivers.endpoint_connections_peak);
}

// How many times as long the p99 is as in the normal run of the same round: the median, since what else the machine
// does in one round is no matter of either.
double p99_growth(const Figures& figures, const Figures& normal) {
  std::vector<double> growths;
  for (std::size_t round = 0; round < figures.p99s.size(); ++round) {
    const auto normally = std::max<std::int64_t>(normal.p99s[round].count(), 1);
    growths.push_back(double(figures.p99s[round].count()) / double(normally));
  }
  std::ranges::sort(growths);
  return growths[growths.size() / 2];
}

// How many lines are not kept.
int print_lines(const Figures& figures, const Figures& normal) {
  const microseconds p50 = percentile(figures.webhooks, 0.5), p95 = percentile(figures.webhooks, 0.95),
                     p99 = percentile(figures.webhooks, 0.99);
  const double growth = p99_growth(figures, normal);
  const auto mib = [&](int third) { return in_mebibytes(figures.resident_kib[std::size_t(third)]); };
  int over = print_line(p50 <= p50_max && p95 <= p95_max && p99 <= p99_max,
                        "p50 at most 2 ms, p95 at most 10 ms, p99 at most 50 ms");
  over += print_line(growth <= p99_growth_max,
                     text_of("p99 at most twice normal: %.2f times (the median of the rounds)", growth));
  over += print_line(figures.lost == 0 && figures.forgotten == 0 && figures.errors == 0,
                     text_of("nothing lost: %lld webhooks missing, %lld forgotten by the store, %lld charges refused",
                             static_cast<long long>(figures.lost), static_cast<long long>(figures.forgotten),
                             static_cast<long long>(figures.errors)));
  over += print_line(figures.twice == 0, text_of("nothing twice: %lld", static_cast<long long>(figures.twice)));
  over += print_line(figures.peak_kib <= peak_kib_max,
                     text_of("memory at most 128 MiB: %.1f, %.1f, %.1f MiB after each third, peak %.1f MiB", mib(0),
                             mib(1), mib(2), in_mebibytes(figures.peak_kib)));
  over += print_line(figures.growth_kib() <= normal.growth_kib() + growth_more_max_kib,
                     text_of("memory grows no faster than normal in the last third: %.1f MiB, normal %.1f MiB",
                             in_mebibytes(figures.growth_kib()), in_mebibytes(normal.growth_kib())));
  over += print_line(figures.receivers.followed == 0,
                     text_of("no redirect followed: %lld", static_cast<long long>(figures.receivers.followed)));
  return over;
}

int print_case(const WebhooksConfig& config, const Case& tested, const Figures& figures, const Figures& normal) {
  std::printf("\nfan-out %d, %lld payments/s, %d %% of the endpoints misbehave%s%s\n", tested.fan_out,
              static_cast<long long>(payments_per_second(config, tested.fan_out)), tested.share,
              tested.share > 0 ? ": " : "", tested.share > 0 ? std::string(name_of(tested.kind)).c_str() : "");
  print_latency("webhook arrived, healthy", figures.webhooks);
  print_latency("charge answered", figures.answers);
  std::printf(
      "  CPU %.0f us a payment; %lld requests misbehaved at, %.1f MiB poured; connections at once: %lld, to one "
      "endpoint %lld\n",
      figures.cpu_seconds * 1e6 / double(std::max<std::int64_t>(figures.payments, 1)),
      static_cast<long long>(figures.receivers.misbehaved), double(figures.receivers.poured) / 1'048'576,
      static_cast<long long>(figures.receivers.connections_peak),
      static_cast<long long>(figures.receivers.endpoint_connections_peak));
  const int over = print_lines(figures, normal);
  std::fflush(stdout);
  return over;
}

// The case without misbehaviour first, since the others are compared with it.
std::vector<Case> cases_of(const WebhooksConfig& config, int fan_out) {
  std::vector<Case> cases{{.fan_out = fan_out}};
  for (const std::string& name : config.kinds) {
    const auto kind = parse_misbehaviour(name);
    EPAY_CHECK(kind.has_value());
    for (const int share : config.shares) cases.push_back({fan_out, share, *kind});
  }
  return cases;
}

}  // namespace

void run_webhooks(const WebhooksConfig& config) {
  for (const int fan_out : config.fan_outs) EPAY_CHECK(fan_out > 0 && config.endpoints % fan_out == 0);
  std::printf("%d endpoints, %lld s each, rounds: %d\n", config.endpoints, static_cast<long long>(config.seconds),
              config.rounds);
  int over = 0;
  for (const int fan_out : config.fan_outs) {
    const std::vector<Case> cases = cases_of(config, fan_out);
    std::vector<Figures> figures(cases.size());
    for (int round = 0; round < config.rounds; ++round) {
      for (std::size_t i = 0; i < cases.size(); ++i) add(figures[i], measure(config, cases[i]));
    }
    for (std::size_t i = 0; i < cases.size(); ++i) over += print_case(config, cases[i], figures[i], figures.front());
  }
  std::printf("\nlines not kept: %d\n", over);
}

}  // namespace epay::bench
