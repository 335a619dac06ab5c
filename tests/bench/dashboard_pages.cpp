#include "bench/dashboard_pages.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "base/check.h"
#include "bench/charges.h"
#include "bench/figures.h"
#include "bench/service.h"
#include "bench/variety.h"
#include "runtime/reactor.h"
#include "runtime/task_group.h"

namespace epay::bench {
namespace {

constexpr microseconds line = milliseconds(100);
constexpr seconds warm_up{1};

struct Page {
  std::string name;
  std::function<std::string(int round)> path;
};

std::vector<Page> pages_of(const PagesPlan& plan) {
  const auto somebody = [stored = plan.stored](int round) { return person(std::int64_t(round) * 7'919 % stored); };
  const auto fixed = [](std::string path) { return [path](int) { return path; }; };
  return {
      {"Home", fixed("/dashboard")},
      {"Revenue", fixed("/revenue")},
      {"Revenue: failed", fixed("/revenue?status=failed")},
      {"Revenue: of a payment page", [](int round) { return "/revenue?page=" + std::to_string(round + 1); }},
      {"Revenue: a week", fixed("/revenue?from=2026-06-01&to=2026-06-07")},
      {"Revenue: a reference", [=](int round) { return "/revenue?q=order-" + std::to_string(round * 1'049); }},
      {"Revenue: a name", [=](int round) { return "/revenue?q=" + http::percent_encode(somebody(round).name); }},
      {"Revenue: an e-mail", [=](int round) { return "/revenue?q=" + http::percent_encode(somebody(round).email); }},
      {"Revenue: what nobody wrote", [](int round) { return "/revenue?q=xylophone" + std::to_string(round); }},
      {"a payment", [stored = plan.stored](
                        int round) { return "/revenue/" + std::to_string(std::int64_t(round + 1) * (stored / 50)); }},
      {"Customers", fixed("/customers")},
      {"Customers: a name", [=](int round) { return "/customers?q=" + http::percent_encode(somebody(round).name); }},
      {"a customer", [](int round) { return "/customers/" + std::to_string(round + 1); }},
      {"Wallet", fixed("/wallet")},
      {"a statement", fixed("/wallet/statement?month=2026-06")},
      {"Transfers", fixed("/transfers")},
      {"Payment pages", fixed("/payment-pages")},
      {"Integrations", fixed("/integrations")},
      {"Webhooks", fixed("/settings/webhooks")},
      {"Webhooks: the log", fixed("/settings/webhooks/log")},
      {"Webhooks: the log of a reference", fixed("/settings/webhooks/log?reference=order-1049")},
      {"Settings: activity", fixed("/settings/activity")}};
}

class Visit {
 public:
  Visit(runtime::Reactor& reactor, const PagesPlan& plan, std::uint16_t port)
      : reactor_(reactor), plan_(plan), port_(port), client_(loopback_client(reactor)) {}

  Task<void> run(int& over) {
    co_await log_in();
    co_await reactor_.clock().sleep(warm_up);
    for (const Page& page : pages_of(plan_)) {
      std::vector<microseconds> took;
      for (int round = 0; round < plan_.rounds; ++round) {
        const Ticks began = reactor_.clock().ticks();
        const auto report = co_await client_.exchange(request("GET", page.path(round)));
        took.push_back(reactor_.clock().ticks() - began);
        EPAY_CHECK(report.answer.has_value());
        EPAY_CHECK(report.answer->status == 200);
      }
      std::ranges::sort(took);
      print_latency(page.name.c_str(), took);
      if (percentile(took, 0.99) > line) over += print_line(false, "p99 of " + page.name + " within 100 ms");
    }
    reactor_.stop();
  }

 private:
  http::Exchange request(std::string method, const std::string& path, std::string body = "") {
    const std::string origin = "http://127.0.0.1:" + std::to_string(port_);
    http::Exchange exchange{
        .url = *http::Url::parse(origin + path), .method = std::move(method), .body = std::move(body)};
    exchange.headers.add("accept", "text/html");
    if (!cookies_.empty()) exchange.headers.add("cookie", cookies_);
    if (exchange.method == "POST") {
      exchange.headers.add("origin", origin);
      exchange.headers.add("content-type", "application/x-www-form-urlencoded");
    }
    return exchange;
  }

  void keep_cookies(const http::Answer& answer) {
    for (const auto& [name, value] : answer.headers) {
      if (!http::equal_ignoring_case(name, "set-cookie")) continue;
      cookies_ += (cookies_.empty() ? "" : "; ") + value.substr(0, value.find(';'));
    }
  }

  Task<void> log_in() {
    const auto form = co_await client_.exchange(request("GET", "/login"));
    EPAY_CHECK(form.answer.has_value());
    keep_cookies(*form.answer);
    constexpr std::string_view before_token = "name=\"csrf\" value=\"";
    const std::string& page = form.answer->body;
    const auto found = page.find(before_token);
    EPAY_CHECK(found != std::string::npos);
    const auto from = found + before_token.size();
    const std::string token = page.substr(from, page.find('"', from) - from);
    const auto done = co_await client_.exchange(request("POST", "/login",
                                                        "csrf=" + http::percent_encode(token) +
                                                            "&email=" + http::percent_encode(plan_.email) +
                                                            "&password=" + http::percent_encode(plan_.password)));
    EPAY_CHECK(done.answer.has_value());
    EPAY_CHECK(done.answer->status == 303);
    keep_cookies(*done.answer);
  }

  runtime::Reactor& reactor_;
  const PagesPlan& plan_;
  std::uint16_t port_;
  http::Client client_;
  std::string cookies_;
};

}  // namespace

int run_dashboard_pages(const PagesPlan& plan) {
  const Service service(plan.binary, arguments_on(plan.store), plan.store.log_path);
  runtime::Reactor reactor;
  Log log(LogLevel::error, [&] { return reactor.clock().now(); }, print_log_line);
  TaskGroup tasks(reactor.clock(), log, "pages");
  Visit visit(reactor, plan, service.port());
  int over = 0;
  tasks.spawn(visit.run(over));
  reactor.run();
  return over;
}

}  // namespace epay::bench
