#include "bench/load.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "bench/deliveries.h"
#include "bench/service.h"
#include "http/router.h"
#include "http/server.h"

namespace epay::bench {
namespace {

constexpr seconds wait_max{60};
constexpr milliseconds look_every{5};

// One thread: the receiver and the callers.
struct Bench {
  explicit Bench(const ChargePlan& plan)
      : log(
            LogLevel::warning, [this] { return reactor.clock().now(); }, print_log_line),
        charges(reactor, log, plan),
        server(reactor.clock(), random, log, router, {}),
        tasks(reactor.clock(), log, "bench") {
    router.add("POST", "/webhook", [this](http::Request& request) -> Task<http::Response> {
      const auto name = parse_webhook_id(request.headers.get("webhook-id"));
      EPAY_CHECK(name.has_value());
      if (arrived.emplace(*name, reactor.clock().now()).second) last_arrival = reactor.clock().ticks();
      co_return http::Response::text(200, "ok");
    });
  }

  runtime::Reactor reactor;
  runtime::SystemRandom random;
  Log log;
  Charges charges;
  http::Router router;
  http::Server server;
  ByDelivery<Timestamp> arrived;
  Ticks last_arrival;
  LoadResult result;
  TaskGroup tasks;
};

using Services = std::vector<std::unique_ptr<Service>>;

Usage usage_of(const Services& services) {
  Usage sum;
  for (const auto& service : services) {
    const Usage usage = service->usage();
    sum.cpu_seconds += usage.cpu_seconds;
    sum.peak_kib += usage.peak_kib;
    sum.resident_kib += usage.resident_kib;
  }
  return sum;
}

Task<void> run(Bench& bench, const ChargePlan& plan, const Services& services,
               std::unique_ptr<runtime::Listener> listener) {
  Clock& clock = bench.reactor.clock();
  bench.tasks.spawn(bench.server.serve(std::move(listener)));
  std::vector<std::uint16_t> ports;
  for (const auto& service : services) ports.push_back(service->port());
  co_await bench.charges.sign_in(std::move(ports));
  const double cpu_before = usage_of(services).cpu_seconds;
  const Ticks began = clock.ticks();
  co_await bench.charges.run();
  const std::int64_t taken = plan.payments - bench.charges.errors();
  const Ticks give_up = clock.ticks() + wait_max;
  while (std::int64_t(bench.arrived.size()) < taken && clock.ticks() < give_up) co_await clock.sleep(look_every);
  bench.result.payments_per_second = double(bench.arrived.size()) * 1e6 / double((bench.last_arrival - began).count());
  const Usage usage = usage_of(services);
  bench.result.cpu_micros_per_payment = (usage.cpu_seconds - cpu_before) * 1e6 / double(plan.payments);
  bench.result.peak_kib = usage.peak_kib;
  bench.result.errors = plan.payments - std::int64_t(bench.arrived.size());
  bench.reactor.stop();
}

}  // namespace

LoadResult run_load(const LoadPlan& plan, std::uint16_t receiver_port) {
  Bench bench(plan.charges);
  const Timestamp since = bench.reactor.clock().now();
  {
    Services services;
    for (int i = 0; i < plan.processes; ++i) {
      const std::string log_path = plan.store.log_path + (i > 0 ? "." + std::to_string(i) : "");
      services.push_back(std::make_unique<Service>(plan.binary, arguments_on(plan.store), log_path));
    }
    bench.result.idle_kib = usage_of(services).resident_kib;
    auto listener = bench.reactor.network().listen({IpAddress::loopback(), receiver_port}, std::nullopt);
    EPAY_CHECK(listener.has_value());
    bench.tasks.spawn(run(bench, plan.charges, services, *std::move(listener)));
    bench.reactor.run();
  }
  for (const Decision& decision : read_decisions(plan.store, since).all) {
    const auto arrival = bench.arrived.find(decision.name);
    if (arrival != bench.arrived.end()) bench.result.webhooks.push_back(arrival->second - decision.decided);
  }
  bench.result.answers = bench.charges.answers();
  std::ranges::sort(bench.result.answers);
  std::ranges::sort(bench.result.webhooks);
  return bench.result;
}

namespace {

Task<void> post_loop(http::Client& client, std::uint16_t port, std::int64_t& left, int& loops,
                     runtime::Reactor& reactor) {
  const std::string body(420, 'x');
  while (left-- > 0) {
    auto exchange = post_of(port, "/webhook", body);
    exchange.headers.add("webhook-id", "msg_1_1");
    exchange.headers.add("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    co_await client.exchange(std::move(exchange));
  }
  if (--loops == 0) reactor.stop();
}

[[noreturn]] void post_process(std::uint16_t port, int connections, std::int64_t posts) {
  runtime::Reactor reactor;
  http::Client client = loopback_client(reactor);
  Log log(LogLevel::error, [&] { return reactor.clock().now(); }, print_log_line);
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
  const ChargePlan none;
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

}  // namespace epay::bench
