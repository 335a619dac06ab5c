#include "bench/dashboard.h"

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <random>

#include "base/check.h"
#include "bench/charges.h"
#include "bench/dashboard_pages.h"
#include "bench/figures.h"
#include "bench/stores.h"
#include "bench/variety.h"
#include "ledger/wallet.h"
#include "lists/customer_list.h"
#include "lists/figures.h"
#include "lists/payment_list.h"
#include "lists/search_blocks.h"
#include "lists/story.h"
#include "runtime/reactor.h"
#include "runtime/task_group.h"

namespace epay::bench {
namespace {

using lists::ListCursor;
using lists::PaymentFilter;
using payments::PaymentStatus;

constexpr microseconds line = milliseconds(100);
constexpr int rows = 25;
constexpr std::string_view password = "correct horse battery";

// What is asked of the store, otherwise each time.
struct Query {
  std::string name;
  std::function<void(db::Transaction& tx, int round)> ask;
};

struct Run {
  runtime::Reactor& reactor;
  db::Database& database;
  Scope scope;
  std::int64_t stored;
  Timestamp end;
  int rounds;
  int over = 0;
};

std::int64_t last_id(db::Transaction& tx, Scope scope) {
  const auto page = lists::list_payments(tx, scope, {}, {}, 1);
  EPAY_CHECK(!page.rows.empty());
  return page.rows[0].id.value;
}

Query list_query(std::string name, Scope scope, std::function<PaymentFilter(int)> filter) {
  return {std::move(name), [scope, filter](db::Transaction& tx, int round) {
            lists::list_payments(tx, scope, filter(round), {}, rows);
          }};
}

std::vector<Query> payment_queries(const Run& run) {
  const Scope scope = run.scope;
  const auto somebody = [stored = run.stored](int round) { return person(std::int64_t(round) * 7'919 % stored); };
  std::vector<Query> queries;
  queries.push_back(list_query("revenue, newest", scope, [](int) { return PaymentFilter{}; }));
  queries.push_back({"revenue, somewhere in the middle", [scope](db::Transaction& tx, int round) {
                       const std::int64_t at = last_id(tx, scope) / 41 * (round % 40 + 1);
                       lists::list_payments(tx, scope, {}, ListCursor{lists::Direction::older, at}, rows);
                       lists::list_payments(tx, scope, {}, ListCursor{lists::Direction::newer, at}, rows);
                     }});
  queries.push_back(
      list_query("failed", scope, [](int) { return PaymentFilter{.statuses = {PaymentStatus::failed}}; }));
  queries.push_back(list_query("pending", scope, [](int) {
    return PaymentFilter{.statuses = {PaymentStatus::created, PaymentStatus::pending}};
  }));
  queries.push_back(list_query("expired (there is none)", scope,
                               [](int) { return PaymentFilter{.statuses = {PaymentStatus::expired}}; }));
  queries.push_back(list_query("failed by card", scope, [](int) {
    return PaymentFilter{.statuses = {PaymentStatus::failed}, .method = payments::Method::card};
  }));
  queries.push_back(list_query("of a page (there is none)", scope,
                               [](int round) { return PaymentFilter{.page = PageId{round + 1}}; }));
  queries.push_back(list_query("of a week", scope, [end = run.end](int round) {
    const Timestamp since = end - hours(24 * (9 + 8 * round));
    return PaymentFilter{.since = since, .until = since + hours(24 * 7)};
  }));
  queries.push_back(list_query("search: a reference", scope, [stored = run.stored](int round) {
    return PaymentFilter{.text = "order-" + std::to_string(std::int64_t(round) * 104'729 % stored)};
  }));
  queries.push_back(list_query("search: the beginning of one", scope, [](int round) {
    return PaymentFilter{.text = "order-" + std::to_string(100 + round)};
  }));
  queries.push_back(
      list_query("search: a name", scope, [=](int round) { return PaymentFilter{.text = somebody(round).name}; }));
  queries.push_back(list_query("search: the beginning of a name", scope,
                               [=](int round) { return PaymentFilter{.text = somebody(round).name.substr(0, 4)}; }));
  queries.push_back(
      list_query("search: an e-mail", scope, [=](int round) { return PaymentFilter{.text = somebody(round).email}; }));
  queries.push_back(list_query("search: a telephone", scope,
                               [=](int round) { return PaymentFilter{.text = somebody(round).telephone}; }));
  queries.push_back(list_query("search: words of a description", scope, [](int round) {
    return PaymentFilter{.text = "kente " + std::to_string(10'000 + round)};
  }));
  queries.push_back(
      list_query("search: a word in every run", scope, [](int) { return PaymentFilter{.text = "order"}; }));
  queries.push_back(list_query("search: what nobody wrote", scope,
                               [](int round) { return PaymentFilter{.text = "xylophone" + std::to_string(round)}; }));
  queries.push_back(
      list_query("search: words that never meet", scope, [](int) { return PaymentFilter{.text = "kente tickets"}; }));
  queries.push_back(
      list_query("search: two letters that nobody has", scope, [](int) { return PaymentFilter{.text = "qz"}; }));
  queries.push_back(list_query("search and filters", scope, [=, end = run.end](int round) {
    return PaymentFilter{
        .statuses = {PaymentStatus::failed}, .since = end - hours(24 * 200), .text = somebody(round).name};
  }));
  return queries;
}

std::vector<Query> other_queries(const Run& run) {
  const Scope scope = run.scope;
  const ledger::WalletKey wallet{scope, Currency::ghs()};
  const std::int64_t today = run.end.day();
  std::vector<Query> queries;
  queries.push_back({"home: 30 days", [=](db::Transaction& tx, int) {
                       lists::revenue_by_day(tx, scope, {today - 59, today});
                       ledger::balances(tx, scope);
                       lists::list_payments(tx, scope, {}, {}, 10);
                     }});
  queries.push_back({"a payment's story", [=](db::Transaction& tx, int round) {
                       const std::int64_t at = last_id(tx, scope) / 41 * (round % 40 + 1);
                       const auto page =
                           lists::list_payments(tx, scope, {}, ListCursor{lists::Direction::older, at}, 1);
                       EPAY_CHECK(lists::story_of(tx, scope, page.rows.at(0).id).has_value());
                     }});
  queries.push_back(
      {"customers, newest", [=](db::Transaction& tx, int) { lists::list_customers(tx, scope, "", {}, rows); }});
  queries.push_back({"customers: search a name", [=, stored = run.stored](db::Transaction& tx, int round) {
                       lists::list_customers(tx, scope, person(std::int64_t(round) * 7'919 % stored).name, {}, rows);
                     }});
  queries.push_back({"customers: search an e-mail", [=, stored = run.stored](db::Transaction& tx, int round) {
                       lists::list_customers(tx, scope, person(std::int64_t(round) * 7'919 % stored).email, {}, rows);
                     }});
  queries.push_back({"a customer with his payments", [=](db::Transaction& tx, int round) {
                       const std::int64_t at = last_id(tx, scope) / 41 * (round % 40 + 1);
                       const auto page =
                           lists::list_payments(tx, scope, {}, ListCursor{lists::Direction::older, at}, 1);
                       const auto customer = payments::find_customer(tx, scope, *page.rows.at(0).customer);
                       lists::totals_of(tx, scope, *customer);
                       lists::list_payments(tx, scope, {.customer = customer->id}, {}, rows);
                     }});
  queries.push_back(
      {"wallet: entries, newest", [=](db::Transaction& tx, int) { ledger::entries_before(tx, wallet, {}, rows); }});
  queries.push_back({"wallet: entries in the middle", [=](db::Transaction& tx, int round) {
                       const auto at = ledger::entry_before(tx, scope.merchant, run.end - hours(24 * 8 * (round + 1)));
                       ledger::entries_before(tx, wallet, at, rows);
                       ledger::entries_after(tx, wallet, at, rows);
                     }});
  queries.push_back({"wallet: other currency, no entries", [=](db::Transaction& tx, int) {
                       ledger::entries_before(tx, {scope, *Currency::parse("NGN")}, {}, rows);
                     }});
  queries.push_back({"wallet: a month's statement", [=](db::Transaction& tx, int round) {
                       const std::int64_t first = today - 30 * (round % 12 + 1);
                       ledger::statement_of(tx, wallet, first, first + 29);
                     }});
  return queries;
}

// 64 runs' words become slices, all at once here.
Task<void> put_together(Run& run, lists::BlockOwner owner, std::vector<microseconds>& took) {
  const Ticks began = run.reactor.clock().ticks();
  const auto group = co_await run.database.read([&](db::Transaction& tx) -> Result<std::optional<lists::Group>> {
    return lists::group_to_put_together(tx, owner);
  });
  EPAY_CHECK(group.has_value());
  if (!*group) co_return;
  const auto stored = co_await run.database.write([&](db::Transaction& tx) -> Result<> {
    lists::store_slices(tx, **group, 0, lists::slices_of_group);
    lists::let_go_of_words(tx, **group);
    return {};
  });
  EPAY_CHECK(stored.has_value());
  took.push_back(run.reactor.clock().ticks() - began);
}

// Every run that is due, and how long it took.
Task<void> sum_up(Run& run) {
  const Ticks began = run.reactor.clock().ticks();
  std::vector<microseconds> reads, writes, groups;
  const auto owners = co_await run.database.read([](db::Transaction& tx) -> Result<std::vector<lists::BlockOwner>> {
    return lists::owners_to_sum_up(tx, {}, 100).owners;
  });
  EPAY_CHECK(owners.has_value());
  for (const lists::BlockOwner& owner : *owners) {
    for (;;) {
      const Ticks at = run.reactor.clock().ticks();
      const Timestamp now = run.reactor.clock().now();
      const auto block = co_await run.database.read(
          [&](db::Transaction& tx) -> Result<std::optional<lists::NewBlock>> { return lists::sum_up(tx, owner, now); });
      EPAY_CHECK(block.has_value());
      if (!*block) break;
      const Ticks read = run.reactor.clock().ticks();
      reads.push_back(read - at);
      const auto stored = co_await run.database.write([&](db::Transaction& tx) -> Result<> {
        lists::store_block(tx, **block);
        return {};
      });
      EPAY_CHECK(stored.has_value());
      writes.push_back(run.reactor.clock().ticks() - read);
      co_await put_together(run, owner, groups);
    }
  }
  if (reads.empty()) co_return;
  std::ranges::sort(reads);
  std::ranges::sort(writes);
  std::printf("%zu runs summed up in %.1f s\n", reads.size(),
              in_milliseconds(run.reactor.clock().ticks() - began) / 1'000);
  print_latency("a run: read", reads);
  print_latency("a run: written", writes);
  std::ranges::sort(groups);
  print_latency("64 runs put together", groups);
}

// Of this thread: what a query costs, whatever else the machine does meanwhile.
microseconds processor_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return microseconds(time.tv_sec * 1'000'000 + time.tv_nsec / 1'000);
}

Task<void> measure(Run& run, const Query& query) {
  std::vector<microseconds> took, worked;
  for (int round = 0; round < run.rounds; ++round) {
    const auto answer = co_await run.database.read([&](db::Transaction& tx) -> Result<> {
      const Ticks began = run.reactor.clock().ticks();
      const microseconds worked_before = processor_time();
      query.ask(tx, round);
      worked.push_back(processor_time() - worked_before);
      took.push_back(run.reactor.clock().ticks() - began);
      return {};
    });
    EPAY_CHECK(answer.has_value());
  }
  std::ranges::sort(took);
  std::ranges::sort(worked);
  print_latency(query.name.c_str(), took);
  std::printf("  %-28s p50 %7.2f   p99 %7.2f ms\n", "  of it, processor", in_milliseconds(percentile(worked, 0.5)),
              in_milliseconds(percentile(worked, 0.99)));
  if (percentile(took, 0.99) > line) run.over += print_line(false, "p99 of " + query.name + " within 100 ms");
  std::fflush(stdout);
}

Task<void> measure_all(Run& run) {
  co_await sum_up(run);
  for (const Query& query : payment_queries(run)) co_await measure(run, query);
  for (const Query& query : other_queries(run)) co_await measure(run, query);
  run.reactor.stop();
}

}  // namespace

namespace {

// The queries alone; how many are over the line.
int run_queries(const DashboardConfig& config, const Store& store, MerchantId merchant, Timestamp end) {
  runtime::Reactor reactor;
  Log log(LogLevel::error, [&] { return reactor.clock().now(); }, print_log_line);
  const auto database = open_store(reactor.clock(), log, store);
  TaskGroup tasks(reactor.clock(), log, "dashboard");
  Run run{reactor, *database, {merchant, Mode::test}, config.stored, end, config.rounds};
  tasks.spawn(measure_all(run));
  reactor.run();
  return run.over;
}

}  // namespace

void run_dashboard(const DashboardConfig& config) {
  const Store store = store_at(config.place, "dashboard");
  const Timestamp end{1'795'000'000'000'000};
  MerchantId merchant{1};
  if (!config.keep || !std::filesystem::exists(store.key_file)) {
    fresh_store(config.place, "dashboard");
    const auto merchants =
        open_merchants(store, {.count = 1,
                               .url_of = [](int) { return std::string("http://127.0.0.1:9/webhook"); },
                               .password = std::string(password)});
    merchant = merchants.at(0).account.merchant;
    store_varied(store, {merchant}, config.stored, end);
  }
  int over = run_queries(config, store, merchant, end);
  std::printf("\npages of the service, over HTTP:\n");
  over += run_dashboard_pages({.binary = config.binary,
                               .store = store,
                               .email = "shop0@example.com",
                               .password = std::string(password),
                               .stored = config.stored,
                               .rounds = config.rounds});
  print_line(over == 0, "every p99 within 100 ms");
}

}  // namespace epay::bench
