#include "bench/backlog.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "base/check.h"
#include "bench/charges.h"
#include "bench/figures.h"
#include "bench/receivers.h"
#include "bench/service.h"
#include "bench/stores.h"
#include "events/event.h"
#include "payments/wire.h"

namespace epay::bench {
namespace {

constexpr std::uint16_t receiver_port = 18'397;
constexpr std::int64_t events_per_write = 10'000;
// What waits became due over so long, and the last of it so long ago.
constexpr microseconds due_over = hours(1);
constexpr microseconds due_before = minutes(1);
constexpr milliseconds look_every{5};
constexpr microseconds burst = milliseconds(100);
constexpr seconds metrics_after{1};
constexpr seconds first_wait_max{60};

// The lines.
constexpr seconds start_max{1};
constexpr std::int64_t endpoint_connections_max = 10;
constexpr std::int64_t peak_kib_max = 128 * 1'024;

// As large as a payment's notification usually is.
std::string payload_of(std::int64_t number) {
  const std::string n = std::to_string(number);
  payments::Payment payment;
  payment.status = payments::PaymentStatus::succeeded;
  payment.method = payments::Method::momo;
  payment.reference = "order-" + n;
  payment.amount = Money{100 + number % 900, Currency::ghs()};
  payment.description = "Order " + n;
  payments::Customer customer;
  customer.name = "Ama Mensah";
  customer.email = "ama" + std::to_string(number % 1'000) + "@example.com";
  customer.telephone = "0240000000";
  return payments::notification(payment, customer, {});
}

struct Filling {
  const BacklogConfig& config;
  runtime::Reactor& reactor;
  db::Database& database;
  const std::vector<MerchantId>& merchants;
  Timestamp first_due;
};

Result<> record_some(db::Transaction& tx, const Filling& filling, std::int64_t from, std::int64_t to) {
  for (std::int64_t number = from; number < to; ++number) {
    const auto since_first = due_over * number / filling.config.waiting;
    const auto recorded =
        events::record(tx, {.scope = {filling.merchants[std::size_t(number) % filling.merchants.size()], Mode::test},
                            .type = events::EventType::payment_success,
                            .payment = PaymentId{number + 1},
                            .payload = payload_of(number),
                            .now = filling.first_due + since_first});
    EPAY_CHECK(recorded.deliveries.size() == 1);
  }
  return {};
}

Task<void> fill(Filling& filling) {
  const std::int64_t waiting = filling.config.waiting;
  for (std::int64_t from = 0; from < waiting; from += events_per_write) {
    const std::int64_t to = std::min(from + events_per_write, waiting);
    const auto written = co_await filling.database.write(
        [&filling, from, to](db::Transaction& tx) { return record_some(tx, filling, from, to); });
    EPAY_CHECK(written.has_value());
  }
  filling.reactor.stop();
}

void fill_store(const BacklogConfig& config, const Store& store) {
  const auto merchants = ids_of(open_merchants(store, {.count = config.endpoints, .url_of = [](int n) {
                                                         return endpoint_url(receiver_port, n, std::nullopt);
                                                       }}));
  runtime::Reactor reactor;
  Log log(LogLevel::warning, [&] { return reactor.clock().now(); }, print_log_line);
  const auto database = open_store(reactor.clock(), log, store);
  TaskGroup tasks(reactor.clock(), log, "filling");
  const Ticks began = reactor.clock().ticks();
  Filling filling{config, reactor, *database, merchants, reactor.clock().now() - due_before - due_over};
  tasks.spawn(fill(filling));
  reactor.run();
  std::printf("%lld deliveries to %d endpoints stored in %.1f s\n", static_cast<long long>(config.waiting),
              config.endpoints, in_milliseconds(reactor.clock().ticks() - began) / 1'000);
  std::fflush(stdout);
}

struct Draining {
  explicit Draining(const BacklogConfig& c)
      : config(c),
        log(
            LogLevel::warning, [this] { return reactor.clock().now(); }, print_log_line),
        client(loopback_client(reactor)),
        tasks(reactor.clock(), log, "draining") {}

  const BacklogConfig& config;
  runtime::Reactor reactor;
  Log log;
  http::Client client;
  Timestamp began, listening;
  std::vector<std::optional<double>> oldest_due;  // a second after the start, and at the end
  std::vector<std::int64_t> resident_kib;         // when it listens, after each third
  std::int64_t peak_kib = 0;
  double cpu_seconds = 0;
  std::size_t arrivals = 0;
  TaskGroup tasks;
};

// The gauge at /metrics, where the service has it.
Task<std::optional<double>> read_oldest_due(Draining& draining, std::uint16_t port) {
  constexpr std::string_view name = "\nepay_webhook_oldest_due_seconds ";
  auto exchange = post_of(port, "/metrics", "");
  exchange.method = "GET";
  const auto report = co_await draining.client.exchange(std::move(exchange));
  if (!report.answer) co_return std::nullopt;
  const auto found = report.answer->body.find(name);
  if (found == std::string::npos) co_return std::nullopt;
  co_return std::atof(report.answer->body.c_str() + found + name.size());
}

Task<void> drain(Draining& draining, const Service& service, const Receivers& receivers) {
  Clock& clock = draining.reactor.clock();
  draining.resident_kib.push_back(service.usage().resident_kib);
  const Ticks give_up = clock.ticks() + first_wait_max;
  while (receivers.arrivals() == 0 && clock.ticks() < give_up) co_await clock.sleep(look_every);
  const Ticks first = clock.ticks();
  const std::chrono::seconds whole(draining.config.seconds);
  co_await clock.sleep_until(first + metrics_after);
  draining.oldest_due.push_back(co_await read_oldest_due(draining, service.port()));
  for (const int third : {1, 2, 3}) {
    co_await clock.sleep_until(first + whole * third / 3);
    draining.resident_kib.push_back(service.usage().resident_kib);
  }
  draining.arrivals = receivers.arrivals();
  draining.oldest_due.push_back(co_await read_oldest_due(draining, service.port()));
  const Usage usage = service.usage();
  draining.peak_kib = usage.peak_kib;
  draining.cpu_seconds = usage.cpu_seconds;
  draining.reactor.stop();
}

// The most that arrived within any `burst`, and how many names came more than once.
struct Arrivals {
  std::size_t burst_max = 0;
  std::size_t twice = 0;
  std::size_t endpoints = 0;  // that have heard anything
};

Arrivals look_at(const Receivers& receivers, std::size_t count) {
  Arrivals seen;
  ByDelivery<bool> names;
  std::vector<EndpointId> endpoints;
  std::size_t from = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Arrival& arrival = receivers.arrival(i);
    if (!names.emplace(arrival.name, true).second) ++seen.twice;
    endpoints.push_back(arrival.name.endpoint);
    while (arrival.at - receivers.arrival(from).at > burst) ++from;
    seen.burst_max = std::max(seen.burst_max, i - from + 1);
  }
  std::ranges::sort(endpoints);
  seen.endpoints = std::size_t(std::ranges::unique(endpoints).begin() - endpoints.begin());
  return seen;
}

std::string seconds_text(const std::optional<double>& value) {
  return value ? text_of("%.0f s", *value) : std::string("not told");
}

void print_draining(const Draining& draining, const Receivers& receivers) {
  if (draining.arrivals == 0) {
    std::printf("nothing was delivered\n");
    return;
  }
  const Arrivals seen = look_at(receivers, draining.arrivals);
  const Timestamp first = receivers.arrival(0).at;
  const Timestamp last = receivers.arrival(draining.arrivals - 1).at;
  const ReceiverFigures figures = receivers.figures();
  const microseconds start = draining.listening - draining.began;
  std::printf("  listens after %.0f ms, first delivery after %.0f ms\n", in_milliseconds(start),
              in_milliseconds(first - draining.began));
  std::printf("  %zu delivered at %.0f/s, the most in %lld ms: %zu; to %zu of %d endpoints; CPU %.0f us a delivery\n",
              draining.arrivals,
              double(draining.arrivals) * 1e6 / double(std::max<std::int64_t>((last - first).count(), 1)),
              static_cast<long long>(burst.count() / 1'000), seen.burst_max, seen.endpoints, draining.config.endpoints,
              draining.cpu_seconds * 1e6 / double(draining.arrivals));
  std::printf("  connections at once: %lld, to one endpoint %lld\n", static_cast<long long>(figures.connections_peak),
              static_cast<long long>(figures.endpoint_connections_peak));
  std::printf("  oldest due, as /metrics has it: %s after a second, %s at the end\n",
              seconds_text(draining.oldest_due[0]).c_str(), seconds_text(draining.oldest_due[1]).c_str());
  std::printf("  memory when it listens %.1f MiB, after each third", in_mebibytes(draining.resident_kib[0]));
  for (std::size_t i = 1; i < draining.resident_kib.size(); ++i) {
    std::printf(" %.1f", in_mebibytes(draining.resident_kib[i]));
  }
  std::printf(" MiB, peak %.1f MiB\n", in_mebibytes(draining.peak_kib));
  print_line(start < start_max, "listens within a second");
  print_line(draining.peak_kib <= peak_kib_max, "memory at most 128 MiB");
  print_line(figures.endpoint_connections_peak <= endpoint_connections_max, "at most 10 connections to one endpoint");
  print_line(seen.twice == 0, text_of("nothing twice: %zu", seen.twice));
}

}  // namespace

void run_backlog(const BacklogConfig& config) {
  const Store store = fresh_store(config.place, "backlog");
  const Receivers receivers(receiver_port, std::size_t(config.waiting) * 2);
  fill_store(config, store);
  Draining draining(config);
  std::vector<std::string> arguments = arguments_on(store);
  arguments.insert(arguments.end(), config.serve_arguments.begin(), config.serve_arguments.end());
  {
    draining.began = draining.reactor.clock().now();
    const Service service(config.binary, arguments, store.log_path);
    draining.listening = draining.reactor.clock().now();
    draining.tasks.spawn(drain(draining, service, receivers));
    draining.reactor.run();
  }
  print_draining(draining, receivers);
}

}  // namespace epay::bench
