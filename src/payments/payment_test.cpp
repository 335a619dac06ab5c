#include "payments/payment.h"

#include <gtest/gtest.h>

#include "ledger/ledger.h"
#include "processes/process.h"
#include "simulation/memory_store.h"

namespace epay::payments {
namespace {

using simulation::MemoryStore;

class OpenPayment : public testing::Test {
 protected:
  NewPayment charge(std::string reference) {
    return {.scope = scope,
            .reference = std::move(reference),
            .customer = NewCustomer{"Ama", "ama@example.com", "0240000000"},
            .method = Method::momo,
            .wallet_number = "0240000000",
            .wallet_network = "mtn",
            .amount = Money{150, Currency::ghs()},
            .rail = 1,
            .now = store.clock.now()};
  }
  auto open(const NewPayment& payment) {
    return store.write([&](db::Transaction& tx) { return open_payment(tx, payment); });
  }
  KeyClaim key(std::string name, std::string body) { return {std::move(name), sha256(body)}; }

  MemoryStore store;
  Scope scope = store.merchant();
};

TEST_F(OpenPayment, AReferenceIsUsedOnceForEver) {
  ASSERT_TRUE(open(charge("a")));
  const auto again = open(charge("a"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::conflict);
  NewPayment payout = charge("a");
  payout.kind = PaymentKind::payout;
  EXPECT_EQ(open(payout).error().code, ErrorCode::conflict);
}

TEST_F(OpenPayment, AnotherMerchantMayUseTheReference) {
  ASSERT_TRUE(open(charge("a")));
  NewPayment other = charge("a");
  other.scope = store.merchant();
  EXPECT_TRUE(open(other));
}

TEST_F(OpenPayment, ARefusedPaymentLeavesNothing) {
  ASSERT_TRUE(open(charge("a")));
  NewPayment again = charge("a");
  again.customer->email = "new@example.com";
  ASSERT_FALSE(open(again));
  const auto customers =
      store.write([&](db::Transaction& tx) -> Result<Page<Customer>> { return list_customers(tx, scope, 1); });
  EXPECT_EQ(customers->total, 1);
  EXPECT_EQ(customers->rows.size(), 1u);
}

TEST_F(OpenPayment, APersonIsOneCustomerWhateverTheName) {
  ASSERT_TRUE(open(charge("a")));
  NewPayment second = charge("b");
  second.customer->name = "Ama Mensah";
  ASSERT_TRUE(open(second));
  const auto customers =
      store.write([&](db::Transaction& tx) -> Result<Page<Customer>> { return list_customers(tx, scope, 1); });
  ASSERT_EQ(customers->rows.size(), 1u);
  EXPECT_EQ(customers->rows[0].name, "Ama Mensah");
}

TEST_F(OpenPayment, ThePayoutOfMoreThanThereIsHoldsNothing) {
  NewPayment payout = charge("p");
  payout.kind = PaymentKind::payout;
  const auto refused = open(payout);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::insufficient_funds);
  const auto found = store.write([&](db::Transaction& tx) { return find_payment(tx, scope, "p"); });
  EXPECT_EQ(found.error().code, ErrorCode::not_found);
}

TEST_F(OpenPayment, AnUnansweredKeyIsResumedWhenNobodyAliveIsAtIt) {
  const auto life = *store.write(
      [&](db::Transaction& tx) -> Result<ProcessId> { return processes::join(tx, {}, "first", store.clock.now()).id; });
  store.database->set_process(life);
  NewPayment first = charge("a");
  first.key = key("k", "body");
  ASSERT_TRUE(open(first));
  store.database->set_process({});
  EXPECT_EQ(open(first).error().code, ErrorCode::in_progress);

  ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
    processes::leave(tx, life);
    return {};
  }));
  const auto resumed = open(first);
  ASSERT_TRUE(resumed) << resumed.error().message;
  EXPECT_TRUE(std::get<Opened>(*resumed).resumed);
  EXPECT_EQ(std::get<Opened>(*resumed).payment.reference, "a");
}

TEST_F(OpenPayment, AnAnsweredKeyGivesTheStoredAnswer) {
  NewPayment first = charge("a");
  first.key = key("k", "body");
  ASSERT_TRUE(open(first));
  const auto stored = store.write([&](db::Transaction& tx) -> Result<StoredAnswer> {
    return store_answer(tx, scope.merchant, *first.key, {200, "{\"a\":1}"}, store.clock.now());
  });
  EXPECT_EQ(stored->body, "{\"a\":1}");
  const auto replay = open(first);
  ASSERT_TRUE(replay);
  EXPECT_EQ(std::get<StoredAnswer>(*replay).body, "{\"a\":1}");
  // The first answer stands whatever comes later.
  const auto second = store.write([&](db::Transaction& tx) -> Result<StoredAnswer> {
    return store_answer(tx, scope.merchant, *first.key, {200, "other"}, store.clock.now());
  });
  EXPECT_EQ(second->body, "{\"a\":1}");
}

TEST_F(OpenPayment, AKeyBelongsToOneRequest) {
  NewPayment first = charge("a");
  first.key = key("k", "body");
  ASSERT_TRUE(open(first));
  NewPayment other = charge("b");
  other.key = key("k", "another body");
  EXPECT_EQ(open(other).error().code, ErrorCode::conflict);
}

TEST(RailReference, NamesItsAttemptAndNothingElse) {
  const AttemptKey keys[] = {{{MerchantId{1}, Mode::test}, PaymentId{1}, 1},
                             {{MerchantId{987'654'321}, Mode::live}, PaymentId{1'234'567'890'123}, 12}};
  for (const AttemptKey& key : keys) {
    const std::string text = rail_reference_of(key);
    EXPECT_GE(text.size(), 16u);
    EXPECT_LE(text.size(), 36u);
    EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"), std::string::npos);
    EXPECT_EQ(attempt_of(text), key);
  }
  for (const char* text : {"", "ept", "ept1", "ept1z", "ept1z2", "ept1z2z", "ept1z2z3z", "epx1z2z3", "ept0z2z3",
                           "ept-1z2z3", "ept1z2z3 "}) {
    EXPECT_FALSE(attempt_of(text)) << text;
  }
}

}  // namespace
}  // namespace epay::payments
