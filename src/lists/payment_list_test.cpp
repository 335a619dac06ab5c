// Lists and searches against a plain look at everything, over runs that are summed up, and over what changed since.
#include "lists/payment_list.h"

#include <gtest/gtest.h>

#include <random>

#include "lists/customer_list.h"
#include "lists/search_blocks.h"
#include "lists/search_words.h"
#include "lists/story.h"
#include "payments/outcome.h"
#include "simulation/memory_store.h"

namespace epay::lists {
namespace {

using payments::Method;
using payments::Outcome;
using payments::PaymentStatus;

constexpr Timestamp epoch{1'700'000'000'000'000};
constexpr minutes apart{7};

class PaymentLists : public testing::Test {
 protected:
  // The n-th payment, one every seven minutes, each otherwise than the last.
  payments::NewPayment nth(int n) {
    std::mt19937 chance(unsigned(n) * 7919u + 1);
    static constexpr const char* names[] = {"Ama Mensah", "Kofi Añu", "Zoë Quaye", "Abena Konadu", "Yaw Boateng"};
    static constexpr const char* things[] = {"Two tickets", "School fees", "Rent of May", "Shea butter"};
    const int person = int(chance() % 400);
    payments::NewPayment payment{
        .scope = scope,
        .reference = "order-" + std::to_string(n),
        .customer = payments::NewCustomer{names[person % 5], "person" + std::to_string(person) + "@example.com",
                                          "02400" + std::to_string(10'000 + person)},
        .method = chance() % 4 == 0 ? Method::card : Method::momo,
        .amount = Money{100 + std::int64_t(chance() % 900), Currency::ghs()},
        .description = std::string(things[chance() % 4]) + " " + std::to_string(chance() % 1'000),
        .rail = 1,
        .now = epoch + n * apart};
    if (payment.method == Method::momo) payment.wallet_number = "02000" + std::to_string(10'000 + chance() % 5'000);
    return payment;
  }

  void pay(db::Transaction& tx, int n, Scope of) {
    auto wanted = nth(n);
    wanted.scope = of;
    const auto opened = payments::open_payment(tx, wanted);
    EPAY_CHECK(opened.has_value());
    const auto key = std::get<payments::Opened>(*opened).attempt->key;
    const auto failed = n % 11 == 3;
    if (n % 97 == 5) return;  // stays open
    const Outcome outcome{.kind = failed ? Outcome::Kind::failed : Outcome::Kind::succeeded, .amount = wanted.amount};
    EPAY_CHECK(payments::apply_outcome(tx, key, outcome, wanted.now + seconds(20), 0).has_value());
  }
  void pay_many(int from, int to) {
    ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
      for (int n = from; n < to; ++n) {
        pay(tx, n, scope);
        if (n % 10 == 0) pay(tx, n, other);  // lies between the others' ids
      }
      return {};
    }));
    paid = to;
  }
  int sum_up_all() {
    return *store.write([&](db::Transaction& tx) -> Result<int> {
      int blocks = 0;
      for (const BlockOwner& owner : owners_to_sum_up(tx, {}, 100).owners) {
        while (const auto block = sum_up(tx, owner, epoch + paid * apart)) {
          store_block(tx, *block);
          if (const auto group = group_to_put_together(tx, owner)) {
            store_slices(tx, *group, 0, slices_of_group);
            let_go_of_words(tx, *group);
            ++groups;
          }
          ++blocks;
        }
      }
      return blocks;
    });
  }
  template <class Body>
  auto read(Body body) {
    return *store.write(
        [&](db::Transaction& tx) -> Result<std::invoke_result_t<Body&, db::Transaction&>> { return body(tx); });
  }
  PaymentPage list(const PaymentFilter& filter, std::optional<ListCursor> cursor = {}, int limit = 20) {
    return read([&](db::Transaction& tx) { return list_payments(tx, scope, filter, cursor, limit); });
  }
  // Page by page to the end.
  std::vector<std::int64_t> all_pages(const PaymentFilter& filter, int limit) {
    std::vector<std::int64_t> ids;
    std::optional<ListCursor> cursor;
    do {
      const auto page = list(filter, cursor, limit);
      EXPECT_LE(page.rows.size(), std::size_t(limit));
      for (const auto& row : page.rows) ids.push_back(row.id.value);
      cursor = page.older;
    } while (cursor);
    return ids;
  }
  // By looking at every row.
  std::vector<std::int64_t> expected(const PaymentFilter& filter) {
    const auto words = sought_words(filter.text);
    std::vector<std::int64_t> ids;
    for (std::optional<ListCursor> cursor = ListCursor{};;) {
      const auto page = list({}, cursor->id == 0 ? std::nullopt : cursor, 500);
      for (const auto& row : page.rows) {
        Sought sought(words);
        for (const auto& text : {row.reference, row.customer_name, row.customer_email, row.customer_telephone,
                                 row.wallet_number.value_or(""), row.description.value_or("")}) {
          sought.look_into(text);
        }
        const auto& statuses = filter.statuses;
        if (!sought.found_all() || (filter.method && row.method != *filter.method) ||
            (filter.since && row.created_at < *filter.since) || (filter.until && row.created_at >= *filter.until) ||
            (filter.customer && row.customer != filter.customer) ||
            (!statuses.empty() && std::ranges::find(statuses, row.status) == statuses.end())) {
          continue;
        }
        ids.push_back(row.id.value);
      }
      cursor = page.older;
      if (!cursor) return ids;
    }
  }
  void check(const PaymentFilter& filter, std::size_t at_least) {
    const auto wanted = expected(filter);
    EXPECT_GE(wanted.size(), at_least);
    EXPECT_EQ(all_pages(filter, 7), wanted);
    EXPECT_EQ(all_pages(filter, 100), wanted);
  }

  simulation::MemoryStore store;
  Scope scope = store.merchant(0);
  Scope other = store.merchant(0);
  int paid = 0;
  int groups = 0;  // that were put together
};

TEST_F(PaymentLists, EveryFilterGivesWhatALookAtEverythingGives) {
  pay_many(0, 2'600);
  EXPECT_EQ(sum_up_all(), 5);  // and some that are not summed up; the customers are fewer than a run
  const Timestamp middle = epoch + 1'300 * apart;
  check({}, 2'600);
  check({.statuses = {PaymentStatus::failed}}, 200);
  check({.statuses = {PaymentStatus::pending, PaymentStatus::created}}, 20);
  check({.statuses = {PaymentStatus::expired}}, 0);
  check({.method = Method::card}, 500);
  check({.statuses = {PaymentStatus::failed}, .method = Method::card}, 50);
  check({.since = middle}, 1'300);
  check({.until = middle}, 1'300);
  check({.since = middle, .until = middle + 10 * apart}, 10);
  check({.since = epoch + 9'000 * apart}, 0);
  check({.until = epoch}, 0);
  for (const char* text : {"ama", "AMA mensah", "anu", "zoe qua", "person17", "person17@example.com", "order-2", "1777",
                           "tickets", "shea but", "order-99 rent", "nobody", "x", "--", "0240010017"}) {
    SCOPED_TRACE(text);
    check({.text = text}, 0);
    check({.statuses = {PaymentStatus::failed}, .since = middle, .text = text}, 0);
  }
  EXPECT_GT(expected({.text = "zoe qua"}).size(), 100u);
}

TEST_F(PaymentLists, PagesOfACustomerAreHis) {
  pay_many(0, 900);
  const auto customer = *list({.text = "person17"}).rows.at(0).customer;
  PaymentFilter filter{.customer = customer};
  const auto wanted = expected(filter);
  ASSERT_GE(wanted.size(), 2u);
  EXPECT_EQ(all_pages(filter, 1), wanted);
  EXPECT_EQ(all_pages(filter, 50), wanted);
  filter.method = Method::momo;
  check(filter, 1);
  // Back again.
  filter.method.reset();
  const auto second = list(filter, list(filter, {}, 1).older, 1);
  ASSERT_TRUE(second.newer);
  const auto first = list(filter, second.newer, 1);
  EXPECT_EQ(first.rows.at(0).id.value, wanted[0]);
  EXPECT_FALSE(first.newer);
  // Another's payment is no place in his chain.
  const auto foreign = list({.text = "person18"}).rows.at(0).id.value;
  EXPECT_TRUE(list(filter, ListCursor{Direction::older, foreign}).rows.empty());
}

TEST_F(PaymentLists, ThePageBeforeIsThePageThatWas) {
  pay_many(0, 1'200);
  sum_up_all();
  for (const PaymentFilter& filter :
       {PaymentFilter{}, PaymentFilter{.statuses = {PaymentStatus::failed}}, PaymentFilter{.text = "ama"}}) {
    const auto first = list(filter, {}, 10);
    const auto second = list(filter, first.older, 10);
    const auto third = list(filter, second.older, 10);
    EXPECT_FALSE(first.newer);
    const auto back = list(filter, third.newer, 10);
    const auto ids = [](const PaymentPage& page) {
      std::vector<std::int64_t> all;
      for (const auto& row : page.rows) all.push_back(row.id.value);
      return all;
    };
    EXPECT_EQ(ids(back), ids(second));
    EXPECT_EQ(ids(list(filter, back.newer, 10)), ids(first));
    EXPECT_EQ(ids(list(filter, back.older, 10)), ids(third));
  }
}

TEST_F(PaymentLists, PagesAreNotShiftedByWhatComesIn) {
  pay_many(0, 100);
  const auto first = list({}, {}, 10);
  const auto second = list({}, first.older, 10);
  pay_many(100, 130);
  const auto again = list({}, first.older, 10);
  EXPECT_EQ(again.rows.front().id, second.rows.front().id);
  EXPECT_EQ(again.rows.back().id, second.rows.back().id);
  const auto newer = list({}, ListCursor{Direction::newer, first.rows.front().id.value}, 10);
  EXPECT_EQ(newer.rows.size(), 10u);
  EXPECT_EQ(newer.older->id, newer.rows.back().id.value);
  EXPECT_GT(newer.rows.back().id, first.rows.front().id);
}

TEST_F(PaymentLists, WhatChangedIsFoundOnceItIsTakenIn) {
  pay_many(0, 1'100);
  ASSERT_EQ(sum_up_all(), 2);
  const auto open = list({.statuses = {PaymentStatus::pending}}, {}, 100);
  const auto& oldest = open.rows.back();
  const Timestamp later = epoch + 1'200 * apart;
  ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
    EXPECT_TRUE(payments::apply_outcome(tx, {scope, oldest.id, 1}, {.kind = Outcome::Kind::failed}, later, 0));
    // Somebody gives another name.
    auto again = nth(5'000);
    again.customer = {"Quincy Xylophone", oldest.customer_email, oldest.customer_telephone};
    EXPECT_TRUE(payments::open_payment(tx, again));
    EXPECT_TRUE(has_changes(tx));
    EXPECT_EQ(take_changes(tx, 100), 2);
    EXPECT_FALSE(has_changes(tx));
    return {};
  }));
  check({.statuses = {PaymentStatus::failed}}, 90);
  check({.text = "quincy xylo"}, 2);
}

// The same over runs whose words have been put together.
TEST_F(PaymentLists, WordsAreFoundInGroupsOfRuns) {
  pay_many(0, 1'100);
  // Enough to make a group of runs, each with a word of its own.
  static constexpr db::Sql copy{
      "INSERT INTO payments (merchant_id, mode, id, kind, status, late, reference, method, amount_minor, fee_minor, "
      "currency, description, created_at, updated_at, expires_at) "
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 33000) "
      "SELECT CAST($1 AS BIGINT), 1, 1000000 + i, 1, 3, 0, 'copy-' || i, 1, 100, 0, 'GHS', 'group' || (i / 512), "
      "CAST($2 AS BIGINT) + i, CAST($2 AS BIGINT) + i, CAST($2 AS BIGINT) + i FROM n"};
  static constexpr db::Sql count{"UPDATE totals SET payments = payments + 33000 WHERE merchant_id = $1 AND mode = 1"};
  ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
    tx.execute(copy, scope.merchant, epoch + 1'200 * apart);
    tx.execute(count, scope.merchant);
    return {};
  }));
  paid = 2'000;
  EXPECT_EQ(sum_up_all(), 66);
  EXPECT_EQ(groups, 1);
  for (const char* text :
       {"group7", "group63", "group64", "zoe qua", "person17@example.com", "order-1034", "nobody", "copy group12"}) {
    SCOPED_TRACE(text);
    check({.text = text}, std::string_view(text) == "nobody" ? 0 : 1);
  }
  // What changes later is taken into the slices.
  ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
    auto again = nth(5'000);
    const auto old = list_customers(tx, scope, "", {}, 1).rows.at(0);
    again.customer = {"Quincy Xylophone", old.email, old.telephone};
    EXPECT_TRUE(payments::open_payment(tx, again));
    EXPECT_EQ(take_changes(tx, 100), 1);
    return {};
  }));
  check({.text = "quincy xylo"}, 2);
}

TEST_F(PaymentLists, AReferenceStandsFirst) {
  pay_many(0, 700);
  sum_up_all();
  const auto page = list({.text = "order-69"});
  ASSERT_EQ(page.references.size(), std::size_t(references_shown_max));
  EXPECT_EQ(page.references[0].reference, "order-69");
  EXPECT_TRUE(list({.statuses = {PaymentStatus::expired}, .text = "order-69"}).references.empty());
  EXPECT_TRUE(list({.text = "Order-69"}).references.empty());  // another reference
  EXPECT_TRUE(list({.text = "order-69"}, ListCursor{Direction::older, page.rows.at(2).id.value}).references.empty());
}

TEST_F(PaymentLists, NoPageLooksAtEverything) {
  pay_many(0, 100);
  // Many more than one page looks at, none of which is what is sought.
  static constexpr db::Sql copy{
      "INSERT INTO payments (merchant_id, mode, id, kind, status, late, reference, method, amount_minor, fee_minor, "
      "currency, created_at, updated_at, expires_at) "
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) "
      "SELECT CAST($1 AS BIGINT), 1, 1000000 + i, 1, 3, 0, 'copy-' || i, 1, 100, 0, 'GHS', CAST($2 AS BIGINT) + i, "
      "CAST($2 AS BIGINT) + i, CAST($2 AS BIGINT) + i FROM n"};
  ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
    tx.execute(copy, scope.merchant, epoch + 1'000 * apart);
    return {};
  }));
  const PaymentFilter failed{.statuses = {PaymentStatus::failed}};
  auto page = list(failed);
  EXPECT_TRUE(page.rows.empty());
  ASSERT_TRUE(page.looked_back_to);
  ASSERT_TRUE(page.older);
  int pages = 1;
  for (; page.looked_back_to && pages < 10; ++pages) page = list(failed, page.older);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(page.rows.size(), 9u);
  // And back.
  const auto back = list(failed, ListCursor{Direction::newer, page.rows.front().id.value});
  EXPECT_TRUE(back.looked_back_to);
  // Once they are summed up they are passed by.
  paid = 1'000'000;
  static constexpr db::Sql count{"UPDATE totals SET payments = payments + 40000 WHERE merchant_id = $1"};
  ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
    tx.execute(count, scope.merchant);
    return {};
  }));
  EXPECT_EQ(sum_up_all(), 78);
  EXPECT_EQ(list(failed).rows.size(), 9u);
}

TEST_F(PaymentLists, ListsKeepToTheirMerchantAndMode) {
  pay_many(0, 60);
  const Scope live{scope.merchant, Mode::live};
  const auto id = list({}).rows.at(0).id;
  for (const Scope stranger : {other, live}) {
    EXPECT_FALSE(read([&](db::Transaction& tx) { return find_listed_payment(tx, stranger, id); }));
    EXPECT_FALSE(read([&](db::Transaction& tx) { return story_of(tx, stranger, id).has_value(); }));
  }
  EXPECT_TRUE(read([&](db::Transaction& tx) { return list_payments(tx, live, {}, {}, 20); }).rows.empty());
  const auto theirs = read([&](db::Transaction& tx) { return list_payments(tx, other, {}, {}, 20); });
  EXPECT_EQ(theirs.rows.size(), 6u);
}

TEST_F(PaymentLists, AStoryHasAttemptsEntriesAndEvents) {
  scope = store.merchant(1);
  pay_many(0, 30);
  const auto succeeded = list({.statuses = {PaymentStatus::succeeded}}).rows.at(3);
  const auto story = read([&](db::Transaction& tx) { return *story_of(tx, scope, succeeded.id); });
  ASSERT_EQ(story.attempts.size(), 1u);
  EXPECT_EQ(story.attempts[0].status, payments::AttemptStatus::succeeded);
  ASSERT_EQ(story.entries.size(), 1u);
  EXPECT_EQ(story.entries[0].reason, ledger::Reason::payment);
  EXPECT_EQ(story.entries[0].amount, succeeded.amount);
  EXPECT_TRUE(story.entries[0].available_after_minor);
  ASSERT_EQ(story.events.size(), 1u);
  EXPECT_EQ(story.events[0].event.type, events::EventType::payment_success);
  ASSERT_EQ(story.events[0].deliveries.size(), 1u);
  EXPECT_EQ(story.events[0].deliveries[0].url, "http://10.0.0.1/hook");
}

TEST_F(PaymentLists, CustomersAreListedAndFound) {
  pay_many(0, 1'500);
  const auto list_them = [&](const std::string& text, std::optional<ListCursor> cursor, int limit) {
    return read([&](db::Transaction& tx) { return list_customers(tx, scope, text, cursor, limit); });
  };
  const auto first = list_them("", {}, 50);
  EXPECT_EQ(first.rows.size(), 50u);
  const auto second = list_them("", first.older, 50);
  EXPECT_LT(second.rows.front().id, first.rows.back().id);
  EXPECT_EQ(list_them("", second.newer, 50).rows.front().id, first.rows.front().id);
  const auto one = list_them("person123@example", {}, 50);
  ASSERT_EQ(one.rows.size(), 1u);
  EXPECT_EQ(one.rows[0].email, "person123@example.com");
  EXPECT_EQ(list_them("02400 10123", {}, 50).rows.size(), 1u);
  const auto totals = read([&](db::Transaction& tx) { return totals_of(tx, scope, one.rows[0]); });
  EXPECT_TRUE(totals.all);
  ASSERT_EQ(totals.paid.size(), 1u);
  const auto his = expected({.customer = one.rows[0].id});
  EXPECT_EQ(std::size_t(totals.payments), his.size());
}

}  // namespace
}  // namespace epay::lists
