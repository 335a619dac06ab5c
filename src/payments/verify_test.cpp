#include "payments/verify.h"

#include <gtest/gtest.h>

#include "ledger/ledger.h"
#include "payments/outcome.h"
#include "simulation/memory_store.h"

namespace epay::payments {
namespace {

constexpr db::Sql forget_credit{"DELETE FROM transfers WHERE reason = 1"};
constexpr db::Sql change_status{"UPDATE payments SET status = 4"};
constexpr db::Sql forget_payment{"DELETE FROM payments"};

// A payment that succeeded, and then what must not happen.
std::vector<std::string> after(const std::vector<const db::Sql*>& tampering) {
  simulation::MemoryStore store;
  const Scope scope = store.merchant();
  return *store.write([&](db::Transaction& tx) -> Result<std::vector<std::string>> {
    const NewPayment wanted{.scope = scope,
                            .reference = "r",
                            .customer = NewCustomer{"sam", "sam@example.com", "054"},
                            .method = Method::momo,
                            .amount = Money{500, Currency::ghs()},
                            .rail = 1,
                            .now = store.clock.now()};
    const auto opened = open_payment(tx, wanted);
    const AttemptKey key = std::get<Opened>(*opened).attempt->key;
    EPAY_CHECK(apply_outcome(tx, key, {.kind = Outcome::Kind::succeeded, .amount = wanted.amount}, store.clock.now(), 0)
                   .has_value());
    for (const db::Sql* sql : tampering) tx.execute(*sql);
    return verify(tx);
  });
}

TEST(VerifyPayments, IsSilentWhenTheyAgreeWithTheBooks) { EXPECT_TRUE(after({}).empty()); }

TEST(VerifyPayments, NamesThePaymentThatDoesNot) {
  for (const db::Sql* sql : {&forget_credit, &change_status, &forget_payment}) {
    const auto wrong = after({sql});
    ASSERT_GE(wrong.size(), 1u) << sql->text;
    EXPECT_NE(wrong[0].find("merchant 1, payment 1"), std::string::npos) << wrong[0];
  }
}

TEST(VerifyPayments, NamesTheDayThatDoesNot) {
  static constexpr db::Sql raise_sum{"UPDATE payment_days SET succeeded_minor = 501"};
  static constexpr db::Sql another_day{"UPDATE payment_days SET day = 3"};
  static constexpr db::Sql forget_days{"DELETE FROM payment_days"};
  for (const db::Sql* sql : {&raise_sum, &another_day, &forget_days, &change_status, &forget_payment}) {
    const auto wrong = after({sql});
    ASSERT_FALSE(wrong.empty()) << sql->text;
    EXPECT_NE(wrong.back().find("merchant 1, payments in GHS on "), std::string::npos) << wrong.back();
    EXPECT_NE(wrong.back().find(": the day says "), std::string::npos) << wrong.back();
  }
}

TEST(VerifyPayments, NamesARefundThatIsNotCounted) {
  static constexpr db::Sql count_one{"UPDATE payments SET refunded_minor = 1"};
  static constexpr db::Sql count_more{"UPDATE payments SET refunded_minor = 501"};
  static constexpr db::Sql is_refund{"UPDATE payments SET refund_of = 1"};
  const std::pair<const db::Sql*, std::string> damages[] = {
      {&count_one, "says that 1 of it is refunded, its refunds 0"},
      {&count_more, "more of it is refunded than was paid"},
      {&is_refund, "is a refund of nothing, or no refund"},
  };
  for (const auto& [sql, finding] : damages) {
    const auto wrong = after({sql});
    ASSERT_FALSE(wrong.empty()) << sql->text;
    EXPECT_EQ(wrong[0], "merchant 1, payment 1: " + finding);
  }
}

}  // namespace
}  // namespace epay::payments
