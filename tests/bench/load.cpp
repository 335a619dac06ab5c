#include "bench/load.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_map>

#include "base/check.h"
#include "bench/service.h"
#include "db/sqlite_database.h"
#include "http/client.h"
#include "http/router.h"
#include "http/server.h"
#include "runtime/reactor.h"
#include "runtime/task_group.h"

namespace epay::bench {
namespace {

constexpr db::Sql select_decisions{"SELECT id, created_at FROM events WHERE created_at >= $1"};
constexpr seconds wait_max{60};

const http::AddressGuard loopback_only() { return http::AddressGuard({*http::Cidr::parse("127.0.0.0/8")}); }

http::ClientLimits many_connections() {
  http::ClientLimits limits;
  limits.idle_per_host_max = 4'096;
  limits.idle_max = 8'192;
  return limits;
}

void print_line(LogLevel, std::string_view line) { std::fprintf(stderr, "%.*s\n", int(line.size()), line.data()); }

// One thread: the receiver and the callers.
struct Bench {
  explicit Bench(const LoadPlan& p)
      : plan(p),
        log(
            LogLevel::warning, [this] { return reactor.clock().now(); }, print_line),
        client(reactor.clock(), reactor.network(), loopback_only(), many_connections()),
        server(reactor.clock(), random, log, router, {}),
        tasks(reactor.clock(), log, "bench") {
    router.add("POST", "/webhook", [this](http::Request& request) -> Task<http::Response> {
      const std::string_view id = request.headers.get("webhook-id");
      std::int64_t event = 0;
      std::from_chars(id.data() + 4, id.data() + id.size(), event);
      if (arrived.emplace(event, reactor.clock().now()).second) last_arrival = reactor.clock().ticks();
      co_return http::Response::text(200, "ok");
    });
  }

  const LoadPlan& plan;
  runtime::Reactor reactor;
  runtime::SystemRandom random;
  Log log;
  http::Client client;
  http::Router router;
  http::Server server;
  std::unordered_map<std::int64_t, Timestamp> arrived;
  Ticks last_arrival;
  LoadResult result;
  std::uint16_t port = 0;
  std::vector<std::string> tokens;
  std::int64_t sent = 0, answered = 0;
  TaskGroup tasks;
};

http::Exchange post(std::uint16_t port, const std::string& path, std::string body) {
  http::Exchange exchange{.url = *http::Url::parse("http://127.0.0.1:" + std::to_string(port) + path),
                          .body = std::move(body)};
  exchange.headers.add("content-type", "application/json");
  exchange.time_max = seconds(60);
  return exchange;
}

Task<std::string> get_token(Bench& bench, const app::Account& account) {
  auto report =
      co_await bench.client.exchange(post(bench.port, "/api/v1/token",
                                          "{\"merchant_key\":\"" + account.merchant_key + "\",\"app_id\":\"" +
                                              account.app_id + "\",\"app_secret\":\"" + account.app_secret + "\"}"));
  EPAY_CHECK(report.answer.has_value());
  const std::string& body = report.answer->body;
  const auto from = body.find("access_token\":\"") + 15;
  co_return body.substr(from, body.find('"', from) - from);
}

Task<void> charge(Bench& bench, std::int64_t number, Ticks due) {
  const std::string n = std::to_string(number);
  auto exchange =
      post(bench.port, "/api/v1/charge",
           "{\"reference\":\"order-" + bench.plan.tag + n + "\",\"amount\":" + std::to_string(1 + number % 9) +
               ".5,\"payment_method\":\"momo\",\"customer_name\":\"Ama Mensah\",\"customer_email\":\"ama" +
               std::to_string(number % 1000) +
               "@example.com\",\"customer_telephone\":\"0240000000\","
               "\"mobile_wallet_number\":\"0240000000\",\"mobile_wallet_network\":\"mtn\","
               "\"payment_description\":\"Order " +
               n + "\"}");
  exchange.headers.add("authorization", "Bearer " + bench.tokens[std::size_t(number) % bench.tokens.size()]);
  const auto report = co_await bench.client.exchange(std::move(exchange));
  if (report.answer && report.answer->status == 200) {
    bench.result.answers.push_back(bench.reactor.clock().ticks() - due);
  } else if (++bench.result.errors <= 3) {
    std::fprintf(stderr, "charge %s: %s\n", n.c_str(),
                 report.answer ? report.answer->body.c_str() : report.answer.error().message.c_str());
  }
  ++bench.answered;
}

Task<void> closed_loop(Bench& bench) {
  while (bench.sent < bench.plan.payments) {
    const std::int64_t number = bench.sent++;
    co_await charge(bench, number, bench.reactor.clock().ticks());
  }
}

Task<void> open_loop(Bench& bench) {
  Clock& clock = bench.reactor.clock();
  const Ticks began = clock.ticks();
  while (bench.sent < bench.plan.payments) {
    const Ticks due = began + microseconds(bench.sent * 1'000'000 / bench.plan.per_second);
    if (clock.ticks() < due) co_await clock.sleep_until(due);
    const std::int64_t number = bench.sent++;
    bench.tasks.spawn(charge(bench, number, due));
  }
}

Task<void> run(Bench& bench, const Service& service, std::unique_ptr<runtime::Listener> listener) {
  Clock& clock = bench.reactor.clock();
  bench.tasks.spawn(bench.server.serve(std::move(listener)));
  for (const app::Account& account : bench.plan.accounts) bench.tokens.push_back(co_await get_token(bench, account));
  const double cpu_before = service.usage().cpu_seconds;
  const Ticks began = clock.ticks();
  if (bench.plan.per_second > 0) {
    bench.tasks.spawn(open_loop(bench));
  } else {
    for (int i = 0; i < bench.plan.callers; ++i) bench.tasks.spawn(closed_loop(bench));
  }
  while (bench.answered < bench.plan.payments) co_await clock.sleep(milliseconds(5));
  const Ticks give_up = clock.ticks() + wait_max;
  while (std::int64_t(bench.arrived.size()) + bench.result.errors < bench.plan.payments && clock.ticks() < give_up) {
    co_await clock.sleep(milliseconds(5));
  }
  bench.result.payments_per_second = double(bench.arrived.size()) * 1e6 / double((bench.last_arrival - began).count());
  const Usage usage = service.usage();
  bench.result.cpu_micros_per_payment = (usage.cpu_seconds - cpu_before) * 1e6 / double(bench.plan.payments);
  bench.result.peak_kib = usage.peak_kib;
  bench.result.errors += bench.plan.payments - bench.result.errors - std::int64_t(bench.arrived.size());
  bench.reactor.stop();
}

// The time of each decision is in the store.
Task<void> read_decisions(Bench& bench, db::Database& database, Timestamp since) {
  const auto rows =
      co_await database.read([&](db::Transaction& tx) -> Result<std::vector<std::pair<std::int64_t, Timestamp>>> {
        return tx.query_all(
            select_decisions, [](const db::Row& row) { return std::pair(row.integer(0), row.time(1)); }, since);
      });
  EPAY_CHECK(rows.has_value());
  for (const auto& [event, decided] : *rows) {
    if (const auto arrival = bench.arrived.find(event); arrival != bench.arrived.end()) {
      bench.result.webhooks.push_back(arrival->second - decided);
    }
  }
  bench.reactor.stop();
}

}  // namespace

LoadResult run_load(const LoadPlan& plan, std::uint16_t receiver_port) {
  Bench bench(plan);
  const Timestamp since = bench.reactor.clock().now();
  {
    std::vector<std::string> arguments{
        "--listen", "127.0.0.1:0",  "--database", "sqlite:" + plan.database_path, "--simulator-delay",
        "0",        "--rate-limit", "0",          "--allow-webhook-cidr",         "127.0.0.0/8"};
    arguments.insert(arguments.end(), plan.extra_arguments.begin(), plan.extra_arguments.end());
    const Service service(plan.binary, arguments, plan.database_path + ".log");
    bench.port = service.port();
    bench.result.idle_kib = service.usage().resident_kib;
    auto listener = bench.reactor.network().listen({IpAddress::loopback(), receiver_port}, std::nullopt);
    EPAY_CHECK(listener.has_value());
    bench.tasks.spawn(run(bench, service, *std::move(listener)));
    bench.reactor.run();
  }
  auto database = db::SqliteDatabase::open(bench.reactor.clock(), bench.log, {.path = plan.database_path});
  EPAY_CHECK(database.has_value());
  bench.tasks.spawn(read_decisions(bench, **database, since));
  bench.reactor.run();
  std::ranges::sort(bench.result.answers);
  std::ranges::sort(bench.result.webhooks);
  return bench.result;
}

namespace {

Task<void> post_loop(http::Client& client, std::uint16_t port, std::int64_t& left, int& loops,
                     runtime::Reactor& reactor) {
  const std::string body(420, 'x');
  while (left-- > 0) {
    auto exchange = post(port, "/webhook", body);
    exchange.headers.add("webhook-id", "msg_1_1");
    exchange.headers.add("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    co_await client.exchange(std::move(exchange));
  }
  if (--loops == 0) reactor.stop();
}

[[noreturn]] void post_process(std::uint16_t port, int connections, std::int64_t posts) {
  runtime::Reactor reactor;
  http::Client client(reactor.clock(), reactor.network(), loopback_only(), many_connections());
  Log log(LogLevel::error, [&] { return reactor.clock().now(); }, print_line);
  TaskGroup tasks(reactor.clock(), log, "posts");
  int loops = connections;
  for (int i = 0; i < connections; ++i) tasks.spawn(post_loop(client, port, posts, loops, reactor));
  reactor.run();
  _exit(0);
}

Task<void> wait_for(pid_t child, Bench& bench) {
  while (waitpid(child, nullptr, WNOHANG) == 0) co_await bench.reactor.clock().sleep(milliseconds(2));
  bench.reactor.stop();
}

}  // namespace

double run_posts(std::uint16_t receiver_port, int connections, std::int64_t posts) {
  const LoadPlan none;
  Bench bench(none);
  auto listener = bench.reactor.network().listen({IpAddress::loopback(), receiver_port}, std::nullopt);
  EPAY_CHECK(listener.has_value());
  bench.tasks.spawn(bench.server.serve(*std::move(listener)));
  const Ticks began = bench.reactor.clock().ticks();
  const pid_t child = fork();
  if (child == 0) post_process(receiver_port, connections, posts);
  bench.tasks.spawn(wait_for(child, bench));
  bench.reactor.run();
  return double(posts) * 1e6 / double((bench.reactor.clock().ticks() - began).count());
}

microseconds percentile(const std::vector<microseconds>& sorted, double share) {
  if (sorted.empty()) return microseconds(0);
  return sorted[std::min(sorted.size() - 1, std::size_t(double(sorted.size()) * share))];
}

}  // namespace epay::bench
