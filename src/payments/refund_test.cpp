#include "payments/refund.h"

#include <gtest/gtest.h>

#include "ledger/ledger.h"
#include "ledger/verify.h"
#include "payments/outcome.h"
#include "payments/verify.h"
#include "simulation/memory_store.h"

namespace epay::payments {
namespace {

using simulation::MemoryStore;
using Kind = Outcome::Kind;

Money ghs(std::int64_t minor) { return {minor, Currency::ghs()}; }

class Refunds : public testing::Test {
 protected:
  // A payment that has succeeded, unless it is to wait.
  Payment pay(std::int64_t minor, bool succeeds = true) {
    const NewPayment wanted{.scope = scope,
                            .reference = "r" + std::to_string(++opened_),
                            .customer = NewCustomer{"sam", "sam@gmail.com", "0540000000"},
                            .method = Method::momo,
                            .wallet_number = "0540000000",
                            .wallet_network = "mtn",
                            .amount = ghs(minor),
                            .rail = 1,
                            .now = store.clock.now()};
    const auto result = store.write([&](db::Transaction& tx) { return open_payment(tx, wanted); });
    EPAY_CHECK(result.has_value());
    if (succeeds) apply(std::get<Opened>(*result).attempt->key, success(ghs(minor)));
    return find(wanted.reference);
  }
  Payment find(const std::string& reference) {
    return *store.write([&](db::Transaction& tx) { return find_payment(tx, scope, reference); });
  }
  Result<std::variant<Opened, StoredAnswer>> refund(const Payment& payment, std::optional<std::int64_t> minor = {},
                                                    std::optional<KeyClaim> key = {}) {
    NewRefund wanted{.scope = scope,
                     .payment = payment.id,
                     .reference = key ? "keyed" : "f" + std::to_string(++opened_),
                     .reason = "Broken",
                     .rail = 1,
                     .key = key,
                     .now = store.clock.now()};
    if (minor) wanted.amount = ghs(*minor);
    return store.write([&](db::Transaction& tx) { return open_refund(tx, wanted); });
  }
  AttemptKey open_refund_of(const Payment& payment, std::optional<std::int64_t> minor = {}) {
    const auto opened = refund(payment, minor);
    EPAY_CHECK(opened.has_value());
    return std::get<Opened>(*opened).attempt->key;
  }
  Applied apply(const AttemptKey& key, Outcome outcome) {
    auto applied =
        store.write([&](db::Transaction& tx) { return apply_outcome(tx, key, outcome, store.clock.now(), 200); });
    EPAY_CHECK(applied.has_value());
    return *std::move(applied);
  }
  ledger::Balance balance() {
    return store
        .write([&](db::Transaction& tx) -> Result<std::vector<ledger::Balance>> { return ledger::balances(tx, scope); })
        ->front();
  }
  std::vector<std::string> wrong() {
    return *store.write([](db::Transaction& tx) -> Result<std::vector<std::string>> {
      auto sentences = ledger::verify(tx);
      for (auto& sentence : verify(tx)) sentences.push_back(sentence);
      return sentences;
    });
  }
  static Outcome success(Money amount) { return {.kind = Kind::succeeded, .rail_id = "R1", .amount = amount}; }
  static Outcome failure() { return {.kind = Kind::failed, .failure = "NOT_ALLOWED"}; }

  MemoryStore store;
  Scope scope = store.merchant(2);

 private:
  int opened_ = 0;
};

TEST_F(Refunds, AWholePaymentGoesBack) {
  const Payment payment = pay(1'050);
  const auto opened = refund(payment);
  ASSERT_TRUE(opened);
  const Opened& refund = std::get<Opened>(*opened);
  EXPECT_EQ(refund.payment.amount, payment.amount);
  EXPECT_EQ(refund.payment.wallet_number, payment.wallet_number);
  EXPECT_EQ(refund.payment.customer, payment.customer);
  ASSERT_TRUE(refund.original);
  EXPECT_EQ(refund.original->reference, rail_reference_of({scope, payment.id, 1}));
  EXPECT_EQ(refund.original->rail_id, "R1");
  EXPECT_EQ(balance().available_minor, 0);
  EXPECT_EQ(balance().held_minor, 1'050);
  EXPECT_EQ(find(payment.reference).refunded_minor, 1'050);
  const auto applied = apply(refund.attempt->key, success(payment.amount));
  EXPECT_EQ(applied.payment.status, PaymentStatus::succeeded);
  EXPECT_EQ(balance().held_minor, 0);
  EXPECT_EQ(find(payment.reference).status, PaymentStatus::succeeded);
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(Refunds, TheMerchantHears) {
  const Payment payment = pay(1'050);
  const auto applied = apply(open_refund_of(payment, 50), success(ghs(50)));
  ASSERT_EQ(applied.recorded.deliveries.size(), 0u) << "endpoints that are not asked for all types get payments' only";
  const auto failed = apply(open_refund_of(payment, 100), failure());
  EXPECT_TRUE(failed.recorded.event);
}

TEST_F(Refunds, PartsAreNeverMoreThanTheWhole) {
  const Payment payment = pay(1'000);
  pay(5'000);  // so that the wallet covers more
  open_refund_of(payment, 600);
  const auto too_much = refund(payment, 401);
  ASSERT_FALSE(too_much);
  EXPECT_EQ(too_much.error().code, ErrorCode::conflict);
  EXPECT_EQ(too_much.error().message, "Of r1 only 4 GHS is left to refund");
  open_refund_of(payment, 300);
  // Without an amount: what is left.
  const auto rest = refund(payment);
  EXPECT_EQ(std::get<Opened>(*rest).payment.amount, ghs(100));
  const auto nothing_left = refund(payment);
  ASSERT_FALSE(nothing_left);
  EXPECT_EQ(nothing_left.error().message, "All of r1 has been refunded");
  EXPECT_EQ(balance().held_minor, 1'000);
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(Refunds, AHundredAtOnceTakeNoMoreThanTheWhole) {
  const Payment payment = pay(1'000);
  pay(100'000);
  int made = 0;
  std::vector<AttemptKey> keys;
  for (int i = 0; i < 100; ++i) {
    const auto opened = refund(payment, 30);
    if (!opened) continue;
    ++made;
    keys.push_back(std::get<Opened>(*opened).attempt->key);
  }
  EXPECT_EQ(made, 33);
  EXPECT_EQ(find(payment.reference).refunded_minor, 990);
  for (std::size_t i = 0; i < keys.size(); ++i) apply(keys[i], i % 2 == 0 ? success(ghs(30)) : failure());
  EXPECT_EQ(find(payment.reference).refunded_minor, 17 * 30);
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(Refunds, AFailedOneMayBeMadeAgain) {
  const Payment payment = pay(1'000);
  apply(open_refund_of(payment), failure());
  EXPECT_EQ(balance().available_minor, 1'000);
  EXPECT_EQ(balance().held_minor, 0);
  EXPECT_EQ(find(payment.reference).refunded_minor, 0);
  apply(open_refund_of(payment), success(payment.amount));
  EXPECT_EQ(balance().available_minor, 0);
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(Refunds, OneThatComesBackMayBeMadeAgain) {
  const Payment payment = pay(1'000);
  const auto key = open_refund_of(payment);
  apply(key, success(payment.amount));
  store.clock.run_for(hours(50));
  const Outcome back{.kind = Kind::reversed, .failure = "TAKEN_BACK"};
  const auto reversed = apply(key, back);
  EXPECT_EQ(reversed.payment.status, PaymentStatus::reversed);
  EXPECT_TRUE(reversed.recorded.event);
  EXPECT_FALSE(apply(key, back).recorded.event);
  EXPECT_EQ(balance().available_minor, 1'000);
  EXPECT_EQ(find(payment.reference).refunded_minor, 0);
  EXPECT_TRUE(refund(payment));
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(Refunds, SilenceHoldsTheMoneyAndItsPart) {
  const Payment payment = pay(1'000);
  const auto key = open_refund_of(payment);
  store.clock.run_for(hours(30));
  const auto applied = apply(key, {.kind = Kind::unknown, .failure = "reset"});
  EXPECT_EQ(applied.payment.status, PaymentStatus::pending);
  EXPECT_TRUE(applied.attempt.poll_at);
  EXPECT_EQ(apply(key, {.kind = Kind::pending}).payment.status, PaymentStatus::pending) << "a refund does not expire";
  EXPECT_EQ(balance().held_minor, 1'000);
  EXPECT_EQ(find(payment.reference).refunded_minor, 1'000);
}

TEST_F(Refunds, OnlyWhatWasPaidCanBeRefunded) {
  const Payment waiting = pay(1'000, false);
  const Payment paid = pay(1'000);
  const auto key = open_refund_of(paid, 400);
  apply(key, success(ghs(400)));
  const auto find_it = [&](const std::string& reference) {
    return store.write([&](db::Transaction& tx) { return find_refundable(tx, scope, reference); });
  };
  EXPECT_TRUE(find_it(paid.reference));
  EXPECT_EQ(find_it(waiting.reference).error().code, ErrorCode::conflict);
  EXPECT_EQ(find_it("f3").error().code, ErrorCode::conflict) << "a refund";
  EXPECT_EQ(find_it("nothing").error().code, ErrorCode::not_found);
  EXPECT_EQ(refund(waiting).error().code, ErrorCode::conflict);
}

TEST_F(Refunds, TheWalletMustCoverIt) {
  const Payment payment = pay(1'000);
  const NewPayment payout{.scope = scope,
                          .kind = PaymentKind::payout,
                          .reference = "wages",
                          .method = Method::momo,
                          .amount = ghs(1),
                          .rail = 1,
                          .now = store.clock.now()};
  ASSERT_TRUE(store.write([&](db::Transaction& tx) { return open_payment(tx, payout); }));
  EXPECT_EQ(refund(payment).error().code, ErrorCode::insufficient_funds);
  EXPECT_EQ(find(payment.reference).refunded_minor, 0);
  EXPECT_TRUE(refund(payment, 999));
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(Refunds, TheFeeOfThePaymentStays) {
  static constexpr db::Sql charge_fees{"UPDATE merchants SET fee_basis_points = 200"};
  store.write([](db::Transaction& tx) -> Result<> {
    tx.execute(charge_fees);
    return {};
  });
  pay(1'000);
  const Payment payment = pay(1'000);
  apply(open_refund_of(payment), success(payment.amount));
  EXPECT_EQ(balance().available_minor, 2 * 980 - 1'000);
  EXPECT_EQ(wrong(), std::vector<std::string>{});
}

TEST_F(Refunds, TheSameKeyIsTheSameRefund) {
  const Payment payment = pay(1'000);
  const KeyClaim key{"k", sha256("body")};
  const auto first = refund(payment, 100, key);
  ASSERT_TRUE(first);
  const auto again = refund(payment, 100, key);
  ASSERT_TRUE(again);
  EXPECT_TRUE(std::get<Opened>(*again).resumed);
  EXPECT_TRUE(std::get<Opened>(*again).original);
  EXPECT_EQ(std::get<Opened>(*again).payment.id, std::get<Opened>(*first).payment.id);
  EXPECT_EQ(find(payment.reference).refunded_minor, 100);
  EXPECT_EQ(refund(payment, 100, KeyClaim{"k", sha256("other")}).error().code, ErrorCode::conflict);
}

TEST_F(Refunds, AnAttemptOfOneKnowsTheOrderThatItGivesBackFrom) {
  const Payment payment = pay(1'000);
  const auto key = open_refund_of(payment);
  const auto open = store.write([&](db::Transaction& tx) { return find_attempt(tx, key); });
  ASSERT_TRUE(open && open->original);
  EXPECT_EQ(open->original->reference, rail_reference_of({scope, payment.id, 1}));
  store.clock.run_for(minutes(1));
  const auto due = store.write(
      [&](db::Transaction& tx) -> Result<std::vector<OpenAttempt>> { return due_attempts(tx, store.clock.now(), 10); });
  ASSERT_EQ(due->size(), 1u);
  EXPECT_EQ(due->front().original->amount, payment.amount);
}

TEST_F(Refunds, TheyAreListedAloneAndAmongAll) {
  const Payment payment = pay(1'000);
  for (int i = 0; i < 25; ++i) open_refund_of(payment, 10);
  const auto page = [&](std::int64_t number) {
    return *store.write([&](db::Transaction& tx) -> Result<Page<Refund>> { return list_refunds(tx, scope, number); });
  };
  EXPECT_EQ(page(1).total, 25);
  EXPECT_EQ(page(1).rows.size(), 20u);
  EXPECT_EQ(page(2).rows.size(), 5u);
  EXPECT_EQ(page(1).rows.front().payment_reference, payment.reference);
  EXPECT_EQ(page(1).rows.front().refund.reference, "f26");
  const auto all =
      *store.write([&](db::Transaction& tx) -> Result<Page<Payment>> { return list_payments(tx, scope, 1); });
  EXPECT_EQ(all.total, 26);
  const auto of =
      *store.write([&](db::Transaction& tx) -> Result<std::vector<Refund>> { return refunds_of(tx, payment); });
  EXPECT_EQ(of.size(), 25u);
  const auto found = store.write([&](db::Transaction& tx) { return find_refund(tx, scope, "f26"); });
  EXPECT_EQ(found->payment_reference, payment.reference);
  EXPECT_EQ(store.write([&](db::Transaction& tx) { return find_refund(tx, scope, payment.reference); }).error().code,
            ErrorCode::not_found);
}

}  // namespace
}  // namespace epay::payments
