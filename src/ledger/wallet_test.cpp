#include "ledger/wallet.h"

#include <gtest/gtest.h>

#include "ledger/verify.h"
#include "simulation/memory_store.h"

namespace epay::ledger {
namespace {

constexpr Timestamp epoch{1'700'000'000'000'000};
constexpr hours apart{5};

Money ghs(std::int64_t minor) { return {minor, Currency::ghs()}; }

class Wallet : public testing::Test {
 protected:
  // Money comes in; every tenth time some goes out, and every twentieth comes back.
  void move(int n) {
    const Timestamp now = epoch + n * apart;
    ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
      const PaymentId id{n + 1};
      auto done = credit_wallet(tx, scope, id, 1, ghs(1'000 + n), n % 3, now);
      if (n % 10 == 9) done = hold(tx, {Outgoing::payout, scope, id, ghs(500)}, now);
      if (n % 20 == 19) {
        done = release(tx, {Outgoing::payout, scope, id, ghs(500)}, now + minutes(1));
      } else if (n % 10 == 9) {
        done = settle(tx, {Outgoing::payout, scope, id, ghs(500)}, 1, now + minutes(1));
      }
      if (n % 4 == 0) done = credit_wallet(tx, {scope.merchant, Mode::live}, id, 1, ghs(7), 0, now);
      return done;
    }));
  }
  template <class Body>
  auto read(Body body) {
    return *store.write(
        [&](db::Transaction& tx) -> Result<std::invoke_result_t<Body&, db::Transaction&>> { return body(tx); });
  }
  std::vector<PostedEntry> all_entries(const WalletKey& wallet, int limit) {
    std::vector<PostedEntry> all;
    std::optional<TransferId> before;
    do {
      const auto page = read([&](db::Transaction& tx) { return entries_before(tx, wallet, before, limit); });
      all.insert(all.end(), page.entries.begin(), page.entries.end());
      before = page.older;
    } while (before);
    return all;
  }

  simulation::MemoryStore store;
  Scope scope = store.merchant(0);
  WalletKey test_wallet{scope, Currency::ghs()};
  WalletKey live_wallet{{scope.merchant, Mode::live}, Currency::ghs()};
};

TEST_F(Wallet, EntriesTellTheBalanceAfterEach) {
  for (int n = 0; n < 200; ++n) move(n);
  for (const WalletKey& wallet : {test_wallet, live_wallet}) {
    for (const int limit : {1, 7, 1'000}) {
      const auto entries = all_entries(wallet, limit);
      EXPECT_EQ(entries.size(), wallet.scope.mode == Mode::test ? 240u : 50u);
      const auto now = read([&](db::Transaction& tx) { return balances(tx, wallet.scope); });
      std::int64_t available = now.at(0).available_minor;
      for (const PostedEntry& entry : entries) {
        ASSERT_EQ(entry.available_after_minor, available);
        available -= entry.change_of(AccountKind::available);
      }
      EXPECT_EQ(available, 0);
    }
  }
}

TEST_F(Wallet, PagesGoBackAgain) {
  for (int n = 0; n < 40; ++n) move(n);
  const auto first = read([&](db::Transaction& tx) { return entries_before(tx, test_wallet, {}, 10); });
  const auto second = read([&](db::Transaction& tx) { return entries_before(tx, test_wallet, first.older, 10); });
  const auto third = read([&](db::Transaction& tx) { return entries_before(tx, test_wallet, second.older, 10); });
  EXPECT_FALSE(first.newer);
  const auto back = read([&](db::Transaction& tx) { return entries_after(tx, test_wallet, *third.newer, 10); });
  EXPECT_EQ(back.entries.front().id, second.entries.front().id);
  EXPECT_EQ(back.entries.back().id, second.entries.back().id);
  const auto top = read([&](db::Transaction& tx) { return entries_after(tx, test_wallet, *back.newer, 10); });
  EXPECT_EQ(top.entries.front().id, first.entries.front().id);
  EXPECT_FALSE(top.newer);
}

TEST_F(Wallet, AStatementReconcilesWithTheLedger) {
  for (int n = 0; n < 200; ++n) move(n);
  const std::int64_t first = epoch.day();
  Statement before = read([&](db::Transaction& tx) { return statement_of(tx, test_wallet, first, first + 9); });
  EXPECT_EQ(before.opening_available_minor, 0);
  for (std::int64_t day = first + 10; day < first + 60; day += 10) {
    const auto next = read([&](db::Transaction& tx) { return statement_of(tx, test_wallet, day, day + 9); });
    EXPECT_EQ(next.opening_available_minor, before.closing_available_minor);
    EXPECT_EQ(next.opening_held_minor, before.closing_held_minor);
    // Its entries, read one by one, come to the same.
    const TimeRange made{Timestamp::start_of_day(day), Timestamp::start_of_day(day + 10)};
    std::int64_t available = next.opening_available_minor, held = next.opening_held_minor, entries = 0;
    std::optional<TransferId> after =
        read([&](db::Transaction& tx) { return entry_before(tx, scope.merchant, made.since); });
    while (after) {
      const auto chunk = read([&](db::Transaction& tx) { return next_entries(tx, test_wallet, *after, made, 5); });
      for (const PostedEntry& entry : chunk.entries) {
        available += entry.change_of(AccountKind::available);
        held += entry.change_of(AccountKind::held);
        EXPECT_EQ(entry.available_after_minor, available);
        ++entries;
      }
      after = chunk.next;
    }
    EXPECT_EQ(available, next.closing_available_minor);
    EXPECT_EQ(held, next.closing_held_minor);
    EXPECT_EQ(entries, next.sum.entries);
    before = next;
  }
  const auto now = read([&](db::Transaction& tx) { return balances(tx, scope); });
  EXPECT_EQ(before.closing_available_minor, now.at(0).available_minor);
  EXPECT_EQ(read([&](db::Transaction& tx) { return first_wallet_day(tx, test_wallet); }), first);
  EXPECT_EQ(read([&](db::Transaction& tx) { return first_wallet_day(tx, {scope, *Currency::parse("NGN")}); }),
            std::nullopt);
}

TEST_F(Wallet, APaymentsEntriesAreFoundByTheirMoments) {
  for (int n = 0; n < 60; ++n) move(n);
  const Timestamp made = epoch + 19 * apart;
  const Timestamp moments[] = {made, made + minutes(1)};
  const auto entries =
      read([&](db::Transaction& tx) { return entries_of_payment(tx, scope.merchant, PaymentId{20}, moments); });
  std::vector<Reason> reasons;
  for (const PostedEntry& entry : entries) reasons.push_back(entry.reason);
  EXPECT_EQ(reasons, (std::vector<Reason>{Reason::payment, Reason::fee, Reason::payout_hold, Reason::payout_release}));
}

TEST_F(Wallet, AFewOfTestModeAreFoundBehindManyOfLiveMode) {
  move(1);
  static constexpr db::Sql copy{
      "INSERT INTO transfers (merchant_id, id, payment_id, reason, debit_code, credit_code, currency, amount_minor, "
      "created_at, available_after_minor) "
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) "
      "SELECT CAST($1 AS BIGINT), 1000 + i, 99, 1, 2010001, 2020000, 'GHS', 1, CAST($2 AS BIGINT) + i, i FROM n"};
  ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
    tx.execute(copy, scope.merchant, epoch + 100 * apart);
    return {};
  }));
  const auto page = read([&](db::Transaction& tx) { return entries_before(tx, test_wallet, {}, 10); });
  EXPECT_EQ(page.entries.size(), 1u);
  EXPECT_FALSE(page.older);
}

}  // namespace
}  // namespace epay::ledger
