#include "payments/outcome.h"

#include <gtest/gtest.h>

#include "ledger/ledger.h"
#include "ledger/verify.h"
#include "payments/verify.h"
#include "simulation/memory_store.h"

namespace epay::payments {
namespace {

using simulation::MemoryStore;
using Kind = Outcome::Kind;

const Money asked{1050, Currency::ghs()};

class ApplyOutcome : public testing::Test {
 protected:
  AttemptKey open(PaymentKind kind = PaymentKind::payment) {
    const NewPayment wanted{.scope = scope,
                            .kind = kind,
                            .reference = "r" + std::to_string(++opened_),
                            .customer = NewCustomer{"sam", "sam@gmail.com", "0540000000"},
                            .method = Method::momo,
                            .wallet_number = "0540000000",
                            .wallet_network = "mtn",
                            .amount = asked,
                            .description = "Payment for sample event",
                            .rail = 1,
                            .now = store.clock.now()};
    const auto result = store.write([&](db::Transaction& tx) { return open_payment(tx, wanted); });
    EPAY_CHECK(result.has_value());
    return std::get<Opened>(*result).attempt->key;
  }
  Applied apply(const AttemptKey& key, Outcome outcome) {
    auto applied =
        store.write([&](db::Transaction& tx) { return apply_outcome(tx, key, outcome, store.clock.now(), 200); });
    EPAY_CHECK(applied.has_value());
    return *std::move(applied);
  }
  ledger::Balance balance() {
    const auto all = store.write(
        [&](db::Transaction& tx) -> Result<std::vector<ledger::Balance>> { return ledger::balances(tx, scope); });
    return all->empty() ? ledger::Balance{"GHS", 0, 0} : all->front();
  }
  std::vector<std::string> wrong() {
    return *store.write([](db::Transaction& tx) -> Result<std::vector<std::string>> {
      auto sentences = ledger::verify(tx);
      for (auto& sentence : verify(tx)) sentences.push_back(sentence);
      return sentences;
    });
  }
  static Outcome success(Money amount = asked) { return {.kind = Kind::succeeded, .amount = amount}; }
  static Outcome failure() { return {.kind = Kind::failed, .failure = "APPROVAL_REJECTED"}; }
  static Outcome back() { return {.kind = Kind::reversed, .failure = "TAKEN_BACK"}; }
  static Outcome pending() { return {.kind = Kind::pending}; }
  static Outcome unknown() { return {.kind = Kind::unknown, .failure = "reset"}; }

  MemoryStore store;
  Scope scope = store.merchant(2);

 private:
  int opened_ = 0;
};

TEST_F(ApplyOutcome, ASuccessCreditsTheWalletAndTellsEveryEndpoint) {
  const auto applied = apply(open(), success());
  EXPECT_EQ(applied.payment.status, PaymentStatus::succeeded);
  EXPECT_EQ(applied.recorded.deliveries.size(), 2u);
  EXPECT_EQ(balance().available_minor, asked.minor);
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(ApplyOutcome, TheSecondCallbackPostsNothing) {
  const auto key = open();
  apply(key, success());
  const auto again = apply(key, success());
  EXPECT_TRUE(again.recorded.deliveries.empty());
  EXPECT_FALSE(again.alert);
  EXPECT_EQ(balance().available_minor, asked.minor);
}

TEST_F(ApplyOutcome, SilenceIsNotFailure) {
  const auto applied = apply(open(), unknown());
  EXPECT_EQ(applied.attempt.status, AttemptStatus::unknown);
  EXPECT_EQ(applied.payment.status, PaymentStatus::pending);
  EXPECT_TRUE(applied.attempt.poll_at.has_value());
  EXPECT_TRUE(applied.recorded.deliveries.empty());
}

TEST_F(ApplyOutcome, SilenceAfterOurDeadlineIsNotFailureEither) {
  const auto key = open();
  store.clock.run_for(hours(1));
  EXPECT_EQ(apply(key, unknown()).payment.status, PaymentStatus::pending);
  EXPECT_EQ(apply(key, pending()).payment.status, PaymentStatus::expired);
}

TEST_F(ApplyOutcome, ALateSuccessIsCreditedAndFlagged) {
  const auto key = open();
  store.clock.run_for(hours(1));
  EXPECT_EQ(apply(key, pending()).recorded.deliveries.size(), 2u);  // "failed"
  EXPECT_EQ(balance().available_minor, 0);
  const auto late = apply(key, success());
  EXPECT_EQ(late.payment.status, PaymentStatus::succeeded);
  EXPECT_TRUE(late.payment.late);
  EXPECT_TRUE(late.recorded.event);
  EXPECT_TRUE(late.recorded.deliveries.empty());  // they wait for "failed" to arrive first
  EXPECT_EQ(balance().available_minor, asked.minor);
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(ApplyOutcome, TheFailureOfAnExpiredPaymentIsToldOnce) {
  const auto key = open();
  store.clock.run_for(hours(1));
  apply(key, pending());
  const auto failed = apply(key, failure());
  EXPECT_EQ(failed.attempt.status, AttemptStatus::failed);
  EXPECT_TRUE(failed.recorded.deliveries.empty());
}

TEST_F(ApplyOutcome, AContradictionRaisesAnAlertAndMovesNothing) {
  const auto failed = open();
  apply(failed, failure());
  EXPECT_EQ(apply(failed, success()).alert, "rail_contradicts_itself");
  const auto succeeded = open();
  apply(succeeded, success());
  EXPECT_EQ(apply(succeeded, failure()).alert, "rail_contradicts_itself");
  EXPECT_EQ(balance().available_minor, asked.minor);
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(ApplyOutcome, AnotherAmountIsNobodysYet) {
  const auto applied = apply(open(), success({asked.minor - 1, Currency::ghs()}));
  EXPECT_EQ(applied.alert, "wrong_amount");
  EXPECT_EQ(applied.attempt.status, AttemptStatus::suspended);
  EXPECT_EQ(applied.payment.status, PaymentStatus::pending);
  EXPECT_EQ(balance().available_minor, 0);
  const auto other_currency = apply(open(), success({asked.minor, *Currency::parse("USD")}));
  EXPECT_EQ(other_currency.alert, "wrong_amount");
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(ApplyOutcome, APayoutIsHeldThenSettledOrReleased) {
  apply(open(), success());
  const auto settled = open(PaymentKind::payout);
  EXPECT_EQ(balance().available_minor, 0);
  EXPECT_EQ(balance().held_minor, asked.minor);
  apply(settled, unknown());
  EXPECT_EQ(balance().held_minor, asked.minor);
  apply(settled, success());
  EXPECT_EQ(balance().held_minor, 0);

  apply(open(), success());
  const auto released = open(PaymentKind::payout);
  apply(released, failure());
  EXPECT_EQ(balance().available_minor, asked.minor);
  EXPECT_EQ(balance().held_minor, 0);
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(ApplyOutcome, APayoutThatComesBackIsPutBackOnce) {
  apply(open(), success());
  const auto key = open(PaymentKind::payout);
  apply(key, success());
  store.clock.run_for(hours(30));
  const auto reversed = apply(key, back());
  EXPECT_EQ(reversed.payment.status, PaymentStatus::reversed);
  EXPECT_EQ(reversed.attempt.status, AttemptStatus::reversed);
  EXPECT_TRUE(reversed.ended);
  EXPECT_TRUE(reversed.recorded.event);
  EXPECT_EQ(balance().available_minor, asked.minor);
  for (const Outcome& again : {back(), success(), failure(), pending(), unknown()}) {
    const auto applied = apply(key, again);
    EXPECT_FALSE(applied.recorded.event);
    EXPECT_FALSE(applied.ended);
    EXPECT_EQ(applied.payment.status, PaymentStatus::reversed);
  }
  EXPECT_EQ(balance().available_minor, asked.minor);
  EXPECT_EQ(balance().held_minor, 0);
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(ApplyOutcome, APaymentDoesNotComeBack) {
  const auto key = open();
  apply(key, success());
  const auto applied = apply(key, back());
  EXPECT_EQ(applied.alert, "rail_contradicts_itself");
  EXPECT_EQ(applied.payment.status, PaymentStatus::succeeded);
  EXPECT_EQ(balance().available_minor, asked.minor);
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

// Somebody says that it has come back: until the rail says what holds, it is asked.
TEST_F(ApplyOutcome, WhatIsInDoubtIsAskedAboutUntilTheRailSaysWhatHolds) {
  apply(open(), success());
  const auto key = open(PaymentKind::payout);
  const auto doubt_it = [&] {
    return *store.write([&](db::Transaction& tx) -> Result<bool> { return doubt(tx, key, store.clock.now()); });
  };
  EXPECT_FALSE(doubt_it());
  apply(key, success());
  EXPECT_TRUE(doubt_it());
  const auto next = [&] {
    return *store.write([](db::Transaction& tx) -> Result<std::optional<Timestamp>> { return next_poll(tx); });
  };
  EXPECT_EQ(next(), store.clock.now());
  EXPECT_GT(apply(key, unknown()).attempt.poll_at, store.clock.now());
  EXPECT_GT(apply(key, pending()).attempt.poll_at, store.clock.now());
  EXPECT_FALSE(apply(key, success()).attempt.poll_at);
  EXPECT_EQ(next(), std::nullopt);
  EXPECT_TRUE(doubt_it());
  EXPECT_EQ(apply(key, back()).payment.status, PaymentStatus::reversed);
  EXPECT_EQ(next(), std::nullopt);
  EXPECT_EQ(balance().available_minor, asked.minor);
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(ApplyOutcome, APayoutDoesNotExpire) {
  apply(open(), success());
  const auto payout = open(PaymentKind::payout);
  store.clock.run_for(hours(30));
  EXPECT_EQ(apply(payout, pending()).payment.status, PaymentStatus::pending);
  EXPECT_EQ(balance().held_minor, asked.minor);
}

TEST_F(ApplyOutcome, AnAmountThatNoRailCanMeanIsPostedNowhere) {
  for (const std::int64_t minor : {std::int64_t(0), std::int64_t(-5), std::int64_t(INT64_MAX)}) {
    EXPECT_EQ(apply(open(), success({minor, Currency::ghs()})).alert, "wrong_amount") << minor;
  }
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(ApplyOutcome, TheFirstPaymentPageStands) {
  const auto key = open();
  Outcome first = pending();
  first.waiting_for = AttemptStatus::awaiting_redirect;
  first.redirect_url = "https://pay.example.com/cards/1";
  Outcome later = first;
  later.redirect_url = "http://0.0.0.0:8080/cards/1";
  apply(key, first);
  EXPECT_EQ(apply(key, later).attempt.redirect_url, first.redirect_url);
}

TEST_F(ApplyOutcome, BooksThatAreNearlyFullTakeNoNewPayment) {
  static constexpr db::Sql fill{"UPDATE accounts SET debits_minor = $1, credits_minor = $1"};
  const auto before = open();
  apply(open(), success());
  store.write([](db::Transaction& tx) -> Result<> {
    tx.execute(fill, INT64_MAX / 2 + 1);
    return {};
  });
  const NewPayment wanted{
      .scope = scope, .reference = "new", .method = Method::momo, .amount = asked, .rail = 1, .now = store.clock.now()};
  const auto refused = store.write([&](db::Transaction& tx) { return open_payment(tx, wanted); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  // What was asked for before still has its place.
  EXPECT_EQ(apply(before, success()).payment.status, PaymentStatus::succeeded);
}

// Whatever comes, in whatever order and however often, before the rail's word: the books end the same.
TEST_F(ApplyOutcome, TheOrderOfInputsDoesNotMatter) {
  std::int64_t expected = 0;
  for (int run = 0; run < 60; ++run) {
    const auto key = open();
    for (std::uint64_t i = 0, steps = store.random.below(5); i < steps; ++i) {
      store.clock.run_for(seconds(std::int64_t(store.random.below(400))));
      apply(key, store.random.below(2) == 0 ? pending() : unknown());
    }
    for (std::uint64_t i = 0, times = 1 + store.random.below(3); i < times; ++i) apply(key, success());
    apply(key, pending());
    apply(key, unknown());
    expected += asked.minor;
    ASSERT_EQ(balance().available_minor, expected);
  }
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(ApplyOutcome, TheNotificationIsTheWiresToTheByte) {
  const auto applied = apply(open(), success());
  EXPECT_EQ(
      *applied.recorded.deliveries.front().payload,
      R"({"success":true,"transaction":{"reference":"r1","payment_method":"momo","amount":"10.5","status":"success",)"
      R"("description":"Payment for sample event","customer":{"name":"sam","email":"sam@gmail.com",)"
      R"("telephone":"0540000000"},"page":null}})");
  const auto failed = apply(open(), failure());
  EXPECT_EQ(
      *failed.recorded.deliveries.front().payload,
      R"({"success":false,"transaction":{"reference":"r2","payment_method":"momo","amount":"10.5","status":"failed",)"
      R"("description":"Payment for sample event","customer":{"name":"sam","email":"sam@gmail.com",)"
      R"("telephone":"0540000000"},"page":null}})");
}

}  // namespace
}  // namespace epay::payments
