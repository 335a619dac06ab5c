#include "bench/raw.h"

#include "base/check.h"
#include "events/delivery.h"
#include "payments/outcome.h"
#include "payments/payment.h"
#include "rails/rail.h"
#include "runtime/reactor.h"
#include "runtime/task_group.h"

namespace epay::bench {
namespace {

struct Run {
  runtime::Reactor& reactor;
  db::Database& database;
  const std::vector<MerchantId>& merchants;
  const std::string& tag;
  std::int64_t left;
  int callers;
};

Task<void> pay(Run& run, std::int64_t number) {
  const Scope scope{run.merchants[std::size_t(number) % run.merchants.size()], Mode::test};
  Clock& clock = run.reactor.clock();
  const payments::NewPayment wanted{
      .scope = scope,
      .reference = "order-" + run.tag + std::to_string(number),
      .customer =
          payments::NewCustomer{"Ama Mensah", "ama" + std::to_string(number % 1000) + "@example.com", "0240000000"},
      .method = payments::Method::momo,
      .wallet_number = "0240000000",
      .wallet_network = "mtn",
      .amount = Money{100 + number % 900, Currency::ghs()},
      .description = "Order " + std::to_string(number),
      .rail = std::int64_t(rails::RailId::simulator),
      .now = clock.now()};
  const auto opened =
      co_await run.database.write([&](db::Transaction& tx) { return payments::open_payment(tx, wanted); });
  EPAY_CHECK(opened.has_value());
  const auto& attempt = *std::get<payments::Opened>(*opened).attempt;
  const payments::Outcome success{
      .kind = payments::Outcome::Kind::succeeded, .rail_id = "SIM1", .amount = wanted.amount};
  const Timestamp now = clock.now();
  const auto applied = co_await run.database.write(
      [&](db::Transaction& tx) { return payments::apply_outcome(tx, attempt.key, success, now, 0); });
  EPAY_CHECK(applied.has_value());
  for (const events::Delivery& delivery : applied->recorded.deliveries) {
    const events::DeliveryAttempt tried{
        .lane = delivery.lane, .event = delivery.event, .started_at = now, .status = 200, .answer = "ok"};
    const auto recorded = co_await run.database.write([&](db::Transaction& tx) -> Result<> {
      events::record_attempt(tx, tried, {.status = events::DeliveryStatus::delivered}, {}, now);
      return {};
    });
    EPAY_CHECK(recorded.has_value());
  }
}

Task<void> caller(Run& run) {
  while (run.left > 0) co_await pay(run, run.left--);
  if (--run.callers == 0) run.reactor.stop();
}

}  // namespace

RawResult run_raw(const Store& store, const std::vector<MerchantId>& merchants, int callers, std::int64_t payments,
                  const std::string& tag) {
  runtime::Reactor reactor;
  Log log(
      LogLevel::error, [&] { return reactor.clock().now(); },
      [](LogLevel, std::string_view line) { std::fprintf(stderr, "%.*s\n", int(line.size()), line.data()); });
  const auto database = open_store(reactor.clock(), log, store);
  TaskGroup tasks(reactor.clock(), log, "raw");
  Run run{reactor, *database, merchants, tag, payments, callers};
  const Ticks began = reactor.clock().ticks();
  for (int i = 0; i < callers; ++i) tasks.spawn(caller(run));
  reactor.run();
  return {double(payments) * 1e6 / double((reactor.clock().ticks() - began).count())};
}

}  // namespace epay::bench
