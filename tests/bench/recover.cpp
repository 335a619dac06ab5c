#include "bench/recover.h"

#include <algorithm>
#include <cstdio>

#include "base/check.h"
#include "bench/charges.h"
#include "bench/deliveries.h"
#include "bench/figures.h"
#include "bench/receivers.h"
#include "bench/service.h"
#include "bench/stores.h"
#include "events/delivery.h"
#include "events/redelivery.h"

namespace epay::bench {
namespace {

constexpr std::uint16_t receiver_port = 18'397;
constexpr std::int64_t events_per_write = 2'000;
constexpr seconds wait_max{120};
constexpr milliseconds look_every{20};
// How long it is left cancelled, and how soon after that it must have stopped.
constexpr seconds cancelled_for{2};
constexpr milliseconds stops_within{1'500};
constexpr db::Sql give_all_up{"UPDATE deliveries SET status = 3, tries = 10, due_at = NULL WHERE status = 1"};

struct Bench {
  Bench(const RecoverConfig& c, const Store& s, const Receivers& r)
      : config(c),
        store(s),
        receivers(r),
        log(
            LogLevel::warning, [this] { return reactor.clock().now(); }, print_log_line),
        database(open_store(reactor.clock(), log, store)),
        tasks(reactor.clock(), log, "recover") {}

  const RecoverConfig& config;
  const Store& store;
  const Receivers& receivers;
  runtime::Reactor reactor;
  Log log;
  std::unique_ptr<db::Database> database;
  TaskGroup tasks;
};

// What the run with the redelivery shows besides latencies.
struct Recovered {
  events::Redelivery end;
  double per_second = 0;
  std::int64_t sent_while_cancelled = 0;
};

template <class Body>
Task<std::invoke_result_t<Body&, db::Transaction&>> change(Bench& bench, Body body) {
  co_return co_await bench.database->write([body](db::Transaction& tx) mutable {
    auto result = body(tx);
    events::note_outside_change(tx);
    return result;
  });
}

Task<void> fill(Bench& bench, Scope scope) {
  for (std::int64_t done = 0; done < bench.config.failed; done += events_per_write) {
    const auto written =
        co_await bench.database->write([&, now = bench.reactor.clock().now()](db::Transaction& tx) -> Result<> {
          for (std::int64_t i = 0; i < events_per_write; ++i) {
            events::record(tx, {scope, events::EventType::payment_success, {}, std::string(400, 'x'), now});
          }
          tx.execute(give_all_up);
          return {};
        });
    EPAY_CHECK(written.has_value());
  }
  bench.reactor.stop();
}

Task<std::int64_t> sent_so_far(Bench& bench, events::RedeliveryKey key) {
  const auto walk =
      co_await bench.database->read([key](db::Transaction& tx) { return events::find_redelivery(tx, key); });
  EPAY_CHECK(walk.has_value());
  co_return walk->sent;
}

// Begins it, cancels it for a while, resumes it, and waits for its end.
Task<void> redeliver(Bench& bench, events::LaneKey lane, Recovered& recovered) {
  Clock& clock = bench.reactor.clock();
  const Timestamp now = clock.now();
  const auto made = co_await change(bench, [lane, now](db::Transaction& tx) {
    return events::create_redelivery(tx, {lane, events::Redelivery::Kind::recover, false, Timestamp(), now, now});
  });
  EPAY_CHECK(made.has_value());
  const auto key = made->key;
  const Ticks began = clock.ticks();
  co_await clock.sleep(std::chrono::seconds(bench.config.seconds) / 3);
  EPAY_CHECK((co_await change(bench, [key, at = clock.now()](db::Transaction& tx) {
               return events::cancel_redelivery(tx, key, at);
             })).has_value());
  co_await clock.sleep(stops_within);
  const std::int64_t at_cancel = co_await sent_so_far(bench, key);
  co_await clock.sleep(cancelled_for);
  recovered.sent_while_cancelled = co_await sent_so_far(bench, key) - at_cancel;
  EPAY_CHECK((co_await change(bench, [key, at = clock.now()](db::Transaction& tx) {
               return events::resume_redelivery(tx, key, at);
             })).has_value());
  for (const Ticks give_up = clock.ticks() + wait_max; clock.ticks() < give_up;) {
    co_await clock.sleep(look_every);
    const auto walk =
        co_await bench.database->read([key](db::Transaction& tx) { return events::find_redelivery(tx, key); });
    EPAY_CHECK(walk.has_value());
    recovered.end = *walk;
    if (walk->delivered >= walk->total) break;
  }
  const microseconds took = clock.ticks() - began - cancelled_for - stops_within;
  recovered.per_second = double(recovered.end.delivered) * 1e6 / double(took.count());
}

Task<void> measure(Bench& bench, Charges& charges, const Service& service, Task<void> meanwhile) {
  co_await charges.sign_in({service.port()});
  bench.tasks.spawn(std::move(meanwhile));
  co_await charges.run();
  co_await bench.tasks.wait_empty(Ticks::never());
}

Task<void> nothing() { co_return; }

Task<void> run_and_stop(Bench& bench, Task<void> work) {
  co_await std::move(work);
  bench.reactor.stop();
}

// The latencies of what was decided since `since`.
std::vector<microseconds> latencies(const Bench& bench, Timestamp since, std::size_t& missing) {
  ByDelivery<Timestamp> arrived;
  for (std::size_t i = 0; i < bench.receivers.arrivals(); ++i) {
    const Arrival& arrival = bench.receivers.arrival(i);
    arrived.emplace(arrival.name, arrival.at);
  }
  std::vector<microseconds> all;
  for (const Decision& decision : read_decisions(bench.store, since).all) {
    const auto found = arrived.find(decision.name);
    if (found == arrived.end()) {
      ++missing;
    } else {
      all.push_back(found->second - decision.decided);
    }
  }
  std::ranges::sort(all);
  return all;
}

}  // namespace

void run_recover(const RecoverConfig& config) {
  const Store store = fresh_store(config.place, "recover");
  const Receivers receivers(receiver_port, std::size_t(config.failed) * 2 + 1'000'000);
  const auto merchants =
      open_merchants(store, {.count = 1, .url_of = [](int n) { return endpoint_url(receiver_port, n, std::nullopt); }});
  const MerchantId merchant = merchants[0].account.merchant;
  const events::LaneKey lane{merchant, merchants[0].endpoints[0]};
  {
    Bench bench(config, store, receivers);
    bench.tasks.spawn(fill(bench, {merchant, Mode::test}));
    bench.reactor.run();
  }
  std::vector<std::string> arguments = arguments_on(store);
  const Service service(config.binary, arguments, store.log_path);
  std::vector<microseconds> normal, meanwhile;
  std::size_t missing = 0;
  Recovered recovered;
  // The first run only lets the disk forget that the store has just been filled.
  for (const std::string run : {"first", "before", "meanwhile"}) {
    const bool redelivering = run == "meanwhile";
    Bench bench(config, store, receivers);
    const ChargePlan plan{.accounts = accounts_of(merchants),
                          .payments = config.per_second * config.seconds,
                          .per_second = config.per_second,
                          .tag = run + "-"};
    Charges charges(bench.reactor, bench.log, plan);
    const Timestamp since = bench.reactor.clock().now();
    TaskGroup outer(bench.reactor.clock(), bench.log, "recover");
    outer.spawn(run_and_stop(
        bench, measure(bench, charges, service, redelivering ? redeliver(bench, lane, recovered) : nothing())));
    bench.reactor.run();
    (redelivering ? meanwhile : normal) = latencies(bench, since, missing);
  }
  ByDelivery<int> times;
  for (std::size_t i = 0; i < receivers.arrivals(); ++i) ++times[receivers.arrival(i).name];
  const auto twice = std::ranges::count_if(times, [](const auto& one) { return one.second > 1; });
  std::printf("%lld deliveries sent again at %.0f/s beside %lld payments/s\n", static_cast<long long>(config.failed),
              recovered.per_second, static_cast<long long>(config.per_second));
  print_latency("new webhooks, before", normal);
  print_latency("new webhooks, meanwhile", meanwhile);
  const double ratio = in_milliseconds(percentile(meanwhile, 0.99)) / in_milliseconds(percentile(normal, 0.99));
  print_line(recovered.end.delivered == config.failed,
             text_of("all of them delivered: %lld", static_cast<long long>(recovered.end.delivered)));
  print_line(recovered.sent_while_cancelled == 0,
             text_of("nothing sent while cancelled: %lld", static_cast<long long>(recovered.sent_while_cancelled)));
  print_line(ratio <= 2, text_of("new ones' p99 at most twice as before: %.2f times", ratio));
  print_line(missing == 0 && twice == 0, text_of("nothing lost, nothing twice: %zu, %zu", missing, std::size_t(twice)));
}

}  // namespace epay::bench
