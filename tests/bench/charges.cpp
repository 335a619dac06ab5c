#include "bench/charges.h"

#include <cstdio>
#include <utility>

#include "base/check.h"

namespace epay::bench {
namespace {

constexpr seconds exchange_time_max{60};
constexpr milliseconds look_every{5};
constexpr std::int64_t errors_shown_max = 3;
constexpr std::int64_t customers = 1'000;

http::ClientLimits many_connections() {
  http::ClientLimits limits;
  limits.idle_per_host_max = 4'096;
  limits.idle_max = 8'192;
  return limits;
}

std::string charge_body(const std::string& tag, std::int64_t number) {
  const std::string n = std::to_string(number);
  return "{\"reference\":\"order-" + tag + n + "\",\"amount\":" + std::to_string(1 + number % 9) +
         ".5,\"payment_method\":\"momo\",\"customer_name\":\"Ama Mensah\",\"customer_email\":\"ama" +
         std::to_string(number % customers) +
         "@example.com\",\"customer_telephone\":\"0240000000\",\"mobile_wallet_number\":\"0240000000\","
         "\"mobile_wallet_network\":\"mtn\",\"payment_description\":\"Order " +
         n + "\"}";
}

}  // namespace

http::Client loopback_client(runtime::Reactor& reactor) {
  return http::Client(reactor.clock(), reactor.network(), http::AddressGuard({*http::Cidr::parse("127.0.0.0/8")}),
                      many_connections());
}

http::Exchange post_of(std::uint16_t port, const std::string& path, std::string body) {
  http::Exchange exchange{.url = *http::Url::parse("http://127.0.0.1:" + std::to_string(port) + path),
                          .body = std::move(body)};
  exchange.headers.add("content-type", "application/json");
  exchange.time_max = exchange_time_max;
  return exchange;
}

void print_log_line(LogLevel, std::string_view line) { std::fprintf(stderr, "%.*s\n", int(line.size()), line.data()); }

Charges::Charges(runtime::Reactor& reactor, Log& log, const ChargePlan& plan)
    : clock_(reactor.clock()),
      plan_(plan),
      client_(loopback_client(reactor)),
      tasks_(reactor.clock(), log, "charges"),
      taken_(plan.accounts.size()) {}

Task<void> Charges::sign_in(std::vector<std::uint16_t> ports) {
  constexpr std::string_view before_token = "access_token\":\"";
  ports_ = std::move(ports);
  for (const app::Account& account : plan_.accounts) {
    const auto report =
        co_await client_.exchange(post_of(ports_[0], "/api/v1/token",
                                          "{\"merchant_key\":\"" + account.merchant_key + "\",\"app_id\":\"" +
                                              account.app_id + "\",\"app_secret\":\"" + account.app_secret + "\"}"));
    EPAY_CHECK(report.answer.has_value());
    const std::string& body = report.answer->body;
    const auto found = body.find(before_token);
    EPAY_CHECK(found != std::string::npos);
    const auto from = found + before_token.size();
    tokens_.push_back(body.substr(from, body.find('"', from) - from));
  }
}

Task<void> Charges::run() {
  if (plan_.per_second > 0) {
    tasks_.spawn(open_loop());
  } else {
    for (int i = 0; i < plan_.callers; ++i) tasks_.spawn(closed_loop());
  }
  while (answered_ < plan_.payments) co_await clock_.sleep(look_every);
}

Task<void> Charges::charge(std::int64_t number, Ticks due) {
  // A merchant's charges come to all of them.
  const auto port = ports_[(std::size_t(number) / tokens_.size()) % ports_.size()];
  auto exchange = post_of(port, "/api/v1/charge", charge_body(plan_.tag, number));
  const std::size_t account = std::size_t(number) % tokens_.size();
  exchange.headers.add("authorization", "Bearer " + tokens_[account]);
  const auto report = co_await client_.exchange(std::move(exchange));
  if (report.answer && report.answer->status == 200) {
    answers_.push_back(clock_.ticks() - due);
    ++taken_[account];
  } else if (++errors_ <= errors_shown_max) {
    std::fprintf(stderr, "charge %lld: %s\n", static_cast<long long>(number),
                 report.answer ? report.answer->body.c_str() : report.answer.error().message.c_str());
  }
  ++answered_;
}

Task<void> Charges::closed_loop() {
  while (sent_ < plan_.payments) {
    const std::int64_t number = sent_++;
    co_await charge(number, clock_.ticks());
  }
}

Task<void> Charges::open_loop() {
  const Ticks began = clock_.ticks();
  while (sent_ < plan_.payments) {
    const Ticks due = began + microseconds(sent_ * 1'000'000 / plan_.per_second);
    if (clock_.ticks() < due) co_await clock_.sleep_until(due);
    const std::int64_t number = sent_++;
    tasks_.spawn(charge(number, due));
  }
}

}  // namespace epay::bench
