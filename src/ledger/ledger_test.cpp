#include "ledger/ledger.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "db/sqlite_database.h"
#include "ledger/verify.h"
#include "simulation/run_task.h"
#include "simulation/sim_clock.h"

namespace epay::ledger {
namespace {

constexpr std::int64_t rail = 1;
constexpr Timestamp now{1'700'000'000'000'000};

Money ghs(std::int64_t minor) { return {minor, Currency::ghs()}; }

class LedgerTest : public testing::Test {
 protected:
  // Runs `body` in a transaction of its own; its error undoes it.
  template <class Body>
  auto write(Body body) {
    return simulation::run_task(clock_, database_->write(std::move(body)));
  }
  std::vector<std::string> differences() {
    return write([](db::Transaction& tx) { return Result<std::vector<std::string>>(verify(tx)); }).value();
  }
  Balance balance(Scope scope, std::string_view currency = "GHS") {
    const auto all =
        write([scope](db::Transaction& tx) { return Result<std::vector<Balance>>(balances(tx, scope)); }).value();
    for (const Balance& one : all) {
      if (one.currency == currency) return one;
    }
    return {std::string(currency), 0, 0};
  }
  Result<> credit(Scope scope, std::int64_t minor, std::int64_t fee = 0) {
    return write([=](db::Transaction& tx) { return credit_wallet(tx, scope, {1}, rail, ghs(minor), fee, now); });
  }
  void execute(const db::Sql& sql) {
    const auto done = write([&sql](db::Transaction& tx) -> Result<> {
      EXPECT_EQ(tx.execute(sql), 1) << sql.text;
      return {};
    });
    EXPECT_TRUE(done.has_value());
  }

  simulation::SimClock clock_;
  Log log_{LogLevel::error, [] { return Timestamp{}; }, [](LogLevel, std::string_view line) { ADD_FAILURE() << line; }};
  std::unique_ptr<db::SqliteDatabase> database_ = *db::SqliteDatabase::open(
      clock_, log_, {.path = "file:/ledger?vfs=memdb", .threading = db::Threading::inline_steps});
  const Scope scope_{{7}, Mode::test};
};

TEST_F(LedgerTest, ASuccessCreditsTheWalletLessTheFee) {
  ASSERT_TRUE(credit(scope_, 1'000, 25).has_value());
  EXPECT_EQ(balance(scope_).available_minor, 975);
  EXPECT_EQ(balance(scope_).held_minor, 0);
  ASSERT_TRUE(credit(scope_, 10, 10).has_value());  // all of it a fee
  EXPECT_EQ(balance(scope_).available_minor, 975);
  EXPECT_TRUE(differences().empty());
}

TEST_F(LedgerTest, ModesMerchantsAndCurrenciesDoNotMeet) {
  ASSERT_TRUE(credit(scope_, 1'000).has_value());
  EXPECT_EQ(balance({{7}, Mode::live}).available_minor, 0);
  EXPECT_EQ(balance({{8}, Mode::test}).available_minor, 0);
  const Money naira{100, *Currency::parse("NGN")};
  for (const auto& [scope, amount] :
       {std::pair(Scope{{7}, Mode::live}, ghs(1)), {Scope{{8}, Mode::test}, ghs(1)}, {scope_, naira}}) {
    const auto held = write([&](db::Transaction& tx) { return hold(tx, {Outgoing::payout, scope, {1}, amount}, now); });
    ASSERT_FALSE(held.has_value());
    EXPECT_EQ(held.error().code, ErrorCode::insufficient_funds);
  }
  EXPECT_TRUE(differences().empty());
}

TEST_F(LedgerTest, APayoutIsHeldThenSettledOrReleased) {
  ASSERT_TRUE(credit(scope_, 1'000).has_value());
  const auto both = write([&](db::Transaction& tx) -> Result<> {
    if (auto held = hold(tx, {Outgoing::payout, scope_, {2}, ghs(300)}, now); !held) return held;
    return hold(tx, {Outgoing::payout, scope_, {3}, ghs(700)}, now);
  });
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(balance(scope_).available_minor, 0);
  EXPECT_EQ(balance(scope_).held_minor, 1'000);
  ASSERT_TRUE(write([&](db::Transaction& tx) {
                return settle(tx, {Outgoing::payout, scope_, {2}, ghs(300)}, rail, now);
              }).has_value());
  ASSERT_TRUE(write([&](db::Transaction& tx) {
                return release(tx, {Outgoing::payout, scope_, {3}, ghs(700)}, now);
              }).has_value());
  EXPECT_EQ(balance(scope_).available_minor, 700);
  EXPECT_EQ(balance(scope_).held_minor, 0);
  EXPECT_TRUE(differences().empty());
}

TEST_F(LedgerTest, MoneyThatIsNotThereIsNotSpent) {
  ASSERT_TRUE(credit(scope_, 1'000).has_value());
  const auto refused = [&](auto body) {
    const auto answer = write(body);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, ErrorCode::insufficient_funds);
  };
  refused([&](db::Transaction& tx) { return hold(tx, {Outgoing::payout, scope_, {2}, ghs(1'001)}, now); });
  refused([&](db::Transaction& tx) { return settle(tx, {Outgoing::payout, scope_, {2}, ghs(1)}, rail, now); });
  refused([&](db::Transaction& tx) { return release(tx, {Outgoing::payout, scope_, {2}, ghs(1)}, now); });
  refused([&](db::Transaction& tx) -> Result<> {  // the second of one body undoes the first
    if (auto held = hold(tx, {Outgoing::payout, scope_, {2}, ghs(600)}, now); !held) return held;
    return hold(tx, {Outgoing::payout, scope_, {3}, ghs(600)}, now);
  });
  EXPECT_EQ(balance(scope_).available_minor, 1'000);
  EXPECT_EQ(balance(scope_).held_minor, 0);
  EXPECT_TRUE(differences().empty());
}

TEST_F(LedgerTest, ATotalPastInt64IsRefusedAndNothingChanged) {
  static constexpr db::Sql raise_debits{"UPDATE accounts SET debits_minor = 9223372036854775806 WHERE code = 1010001"};
  static constexpr db::Sql raise_credits{
      "UPDATE accounts SET credits_minor = 9223372036854775806 WHERE code = 1020000"};
  static constexpr db::Sql lower_debits{"UPDATE accounts SET debits_minor = 1 WHERE code = 1010001"};
  ASSERT_TRUE(credit(scope_, 1).has_value());
  execute(raise_debits);
  EXPECT_EQ(credit(scope_, 2).error().code, ErrorCode::conflict);
  execute(lower_debits);
  execute(raise_credits);
  EXPECT_EQ(credit(scope_, 2).error().code, ErrorCode::conflict);
  EXPECT_TRUE(credit(scope_, 1).has_value());
  EXPECT_EQ(balance(scope_).available_minor, INT64_MAX);
}

TEST_F(LedgerTest, ARefundIsHeldSettledReleasedAndPutBackAsAPayoutIs) {
  ASSERT_TRUE(credit(scope_, 1'000).has_value());
  const Withdrawal refund{Outgoing::refund, scope_, {2}, ghs(300)};
  for (const bool sent : {true, false}) {
    ASSERT_TRUE(write([&](db::Transaction& tx) { return hold(tx, refund, now); }).has_value());
    EXPECT_EQ(balance(scope_).held_minor, 300);
    ASSERT_TRUE(write([&](db::Transaction& tx) {
                  return sent ? settle(tx, refund, rail, now) : release(tx, refund, now);
                }).has_value());
    EXPECT_EQ(balance(scope_).available_minor, sent ? 700 : 1'000);
    if (sent) ASSERT_TRUE(write([&](db::Transaction& tx) { return put_back(tx, refund, rail, now); }).has_value());
    EXPECT_EQ(balance(scope_).available_minor, 1'000);
    EXPECT_EQ(balance(scope_).held_minor, 0);
  }
  EXPECT_TRUE(differences().empty());
}

// The books in five numbers.
struct Model {
  std::int64_t available = 0, held = 0;
};

enum class Operation { credit, hold, settle, release, put_back, count };

Result<> apply(db::Transaction& tx, Operation operation, Scope scope, std::int64_t minor) {
  switch (operation) {
    case Operation::credit: return credit_wallet(tx, scope, {1}, rail, ghs(minor), minor / 50, now);
    case Operation::hold: return hold(tx, {Outgoing::payout, scope, {2}, ghs(minor)}, now);
    case Operation::settle: return settle(tx, {Outgoing::payout, scope, {2}, ghs(minor)}, rail, now);
    case Operation::release: return release(tx, {Outgoing::payout, scope, {2}, ghs(minor)}, now);
    case Operation::put_back: return put_back(tx, {Outgoing::payout, scope, {2}, ghs(minor)}, rail, now);
    case Operation::count: break;
  }
  return {};
}

// Whether the model allows it, and what it is then.
bool apply(Model& model, Operation operation, std::int64_t minor) {
  const bool spends_held = operation == Operation::settle || operation == Operation::release;
  if (operation == Operation::hold && model.available < minor) return false;
  if (spends_held && model.held < minor) return false;
  if (operation == Operation::put_back) model.available += minor;
  if (operation == Operation::credit) model.available += minor - minor / 50;
  if (operation == Operation::hold) model.available -= minor;
  if (operation == Operation::hold) model.held += minor;
  if (spends_held) model.held -= minor;
  if (operation == Operation::release) model.available += minor;
  return true;
}

TEST_F(LedgerTest, WhateverHappensTheBooksAgreeWithASimpleModel) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::map<Scope, Model> models;
    for (int i = 0; i < 300; ++i) {
      const Scope scope{{static_cast<std::int64_t>(seed * 10 + random() % 3)},
                        random() % 2 == 0 ? Mode::test : Mode::live};
      const auto operation = static_cast<Operation>(random() % static_cast<unsigned>(Operation::count));
      const auto minor = static_cast<std::int64_t>(1 + random() % 1'000);
      const bool undone = random() % 8 == 0;  // the body goes on and fails
      const auto answer = write([=](db::Transaction& tx) -> Result<> {
        if (auto done = apply(tx, operation, scope, minor); !done) return done;
        return undone ? Result<>(fail(ErrorCode::refused, "later")) : Result<>();
      });
      Model after = models[scope];
      const bool allowed = apply(after, operation, minor);
      ASSERT_EQ(answer.has_value(), allowed && !undone);
      if (!answer) ASSERT_EQ(answer.error().code, allowed ? ErrorCode::refused : ErrorCode::insufficient_funds);
      if (answer) models[scope] = after;
      ASSERT_EQ(balance(scope).available_minor, models[scope].available);
      ASSERT_EQ(balance(scope).held_minor, models[scope].held);
    }
    ASSERT_EQ(differences(), std::vector<std::string>());
  }
}

struct Damage {
  db::Sql sql;
  std::vector<std::string> findings;  // a part of each sentence, in order
};

TEST_F(LedgerTest, VerifyNamesWhatIsWrong) {
  const Damage damages[] = {
      {{"UPDATE accounts SET credits_minor = 1001 WHERE code = 1020000"},
       {"merchant 7, account test:GHS:available: the books say debits 400, credits 1001 (minor units), its entries add "
        "up to "
        "debits 400, credits 1000"}},
      {{"UPDATE accounts SET debits_minor = 1001 WHERE code = 1020000"},
       {"test:GHS:available: the books say", "test:GHS:available: is below zero: debits 1001, credits 1000"}},
      {{"DELETE FROM accounts WHERE code = 1010001"},
       {"merchant 7, account test:GHS:clearing:rail 1: the books say debits 0, credits 0"}},
      {{"UPDATE accounts SET currency = 'NGN' WHERE code = 1030000"},
       {"account test:GHS:held: ", "account test:NGN:held: "}},
      {{"INSERT INTO accounts VALUES (9, 2040000, 'GHS', 0, 5)"}, {"merchant 9, account live:GHS:fees: "}},
      {{"UPDATE transfers SET amount_minor = 999 WHERE reason = 1"},
       {"entry 1: tells that 1000 was available after it, the entries say 999",
        "test:GHS:clearing:rail 1: ", "test:GHS:available: ",
        "wallet test:GHS:available on 2023-11-14: the day says 2 entries, available +1000 -400, held +400 -0, its "
        "entries "
        "2 entries, available +999 -400, held +400 -0"}},
      {{"UPDATE transfers SET credit_code = 1990000 WHERE reason = 1"},
       {"entry 1: moves 1000 from test:GHS:clearing:rail 1 to test:GHS:kind 99, which its reason (1) does not allow",
        "entry 1: tells the balance of a wallet it is not of", "entry 2: tells that 600 was available",
        "test:GHS:available: ", "test:GHS:kind 99: ", "wallet test:GHS:available on "}},
      {{"UPDATE transfers SET reason = 3 WHERE reason = 1"}, {"entry 1: "}},
      {{"UPDATE transfers SET currency = 'XXX' WHERE reason = 1"},
       {"entry 1: ", "entry 2: ", "test:GHS:clearing:rail 1: ", "test:XXX:clearing:rail 1: ", "test:GHS:available: ",
        "test:XXX:available: ", "wallet test:GHS:available on ", "wallet test:XXX:available on "}},
      {{"DELETE FROM transfers WHERE reason = 3"},
       {"test:GHS:available: ", "test:GHS:held: ", "wallet test:GHS:available on "}},
      {{"UPDATE transfers SET available_after_minor = 601 WHERE reason = 3"},
       {"entry 2: tells that 601 was available after it, the entries say 600"}},
      {{"UPDATE transfers SET available_after_minor = NULL WHERE reason = 3"},
       {"entry 2: tells that nothing was available"}},
      {{"UPDATE wallet_days SET held_in_minor = 399"}, {"the day says 2 entries, available +1000 -400, held +399 -0"}},
      {{"DELETE FROM wallet_days"}, {"the day says 0 entries"}},
      {{"INSERT INTO transfers VALUES (7, 99, 1, 1, 1010001, 1020000, 'GHS', 9223372036854775807, 0, NULL)"},
       {"clearing:rail 1: the books say debits 1000, credits 0 (minor units), its entries add up to more than a "
        "balance can hold",
        "available: ", "wallet test:GHS:available on 1970-01-01: "}},
  };
  ASSERT_TRUE(credit(scope_, 1'000).has_value());
  ASSERT_TRUE(
      write([&](db::Transaction& tx) { return hold(tx, {Outgoing::payout, scope_, {2}, ghs(400)}, now); }).has_value());
  for (const Damage& damage : damages) {
    SCOPED_TRACE(damage.sql.text);
    std::vector<std::string> found;
    // The damage is done, looked at and undone.
    const auto undone = write([&](db::Transaction& tx) -> Result<> {
      EXPECT_EQ(tx.execute(damage.sql), 1);
      found = verify(tx);
      return fail(ErrorCode::refused, "undo");
    });
    EXPECT_FALSE(undone.has_value());
    EXPECT_EQ(found.size(), damage.findings.size()) << testing::PrintToString(found);
    if (found.size() != damage.findings.size()) continue;
    for (std::size_t i = 0; i < found.size(); ++i)
      EXPECT_NE(found[i].find(damage.findings[i]), std::string::npos) << found[i];
  }
  EXPECT_TRUE(differences().empty());
}

TEST(Account, ACodeIsAnAccountAndBack) {
  for (const Mode mode : {Mode::test, Mode::live}) {
    for (const Account account :
         {Account{mode, AccountKind::rail_clearing, 1}, Account{mode, AccountKind::rail_clearing, Account::rail_max},
          Account{mode, AccountKind::available, 0}, Account{mode, AccountKind::suspense, 0}}) {
      EXPECT_TRUE(account.is_valid());
      EXPECT_EQ(Account::from_code(account.code()), account);
    }
  }
  for (const std::int64_t code : {0, 1'000'000, 1'010'000, 1'020'001, 3'020'000, 1'060'000, -1'020'000}) {
    EXPECT_FALSE(Account::from_code(code).is_valid()) << code;
  }
}

}  // namespace
}  // namespace epay::ledger
