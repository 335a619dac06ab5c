#include "payments/fee.h"

#include <gtest/gtest.h>

#include "simulation/memory_store.h"

namespace epay::payments {
namespace {

using simulation::MemoryStore;

Money ghs(std::int64_t minor) { return {minor, Currency::ghs()}; }

TEST(Fee, IsAPercentageRoundedHalfUpAndAFixedPartBetweenTheLeastAndTheMost) {
  struct Row {
    FeeRule rule;
    std::int64_t amount, fee;
  };
  const Row rows[] = {
      {{}, 10'000, 0},
      {{.basis_points = 195}, 10'000, 195},
      {{.basis_points = 195}, 1, 0},    // 0.0195
      {{.basis_points = 195}, 25, 0},   // 0.4875
      {{.basis_points = 200}, 25, 1},   // 0.5
      {{.basis_points = 195}, 77, 2},   // 1.5015
      {{.basis_points = 1}, 4'999, 0},  // 0.4999
      {{.basis_points = 1}, 5'000, 1},  // 0.5
      {{.fixed_minor = 50}, 10'000, 50},
      {{.basis_points = 100, .fixed_minor = 50}, 10'000, 150},
      {{.basis_points = 100, .least_minor = 30}, 1'000, 30},
      {{.basis_points = 100, .most_minor = 500}, 100'000, 500},
      {{.fixed_minor = 50, .most_minor = 20}, 1'000, 20},
      {{.fixed_minor = 50}, 30, 30},  // out of the payment: not more than it
      {{.fixed_minor = 50, .bearer = FeeBearer::customer}, 30, 50},
      {{.basis_points = 10'000}, Money::minor_max, Money::minor_max},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(fee_of(row.rule, PaymentKind::payment, ghs(row.amount)).minor, row.fee)
        << row.rule.basis_points << " of " << row.amount;
  }
  EXPECT_EQ(fee_of({.fixed_minor = 50}, PaymentKind::payout, ghs(30)).minor, 50);
}

// Against plain arithmetic, with whatever rule.
TEST(Fee, PartsSumToTheWholeWhateverTheRule) {
  simulation::SimRandom random(7);
  const auto below = [&](std::int64_t most) { return std::int64_t(random.below(std::uint64_t(most))); };
  for (int i = 0; i < 100'000; ++i) {
    FeeRule rule{.basis_points = below(basis_points + 1), .fixed_minor = below(1'000), .least_minor = below(500)};
    if (below(2) == 0) rule.most_minor = rule.least_minor + below(5'000);
    if (below(2) == 0) rule.bearer = FeeBearer::customer;
    const Money amount = ghs(1 + below(10'000'000));
    const Fee fee = fee_of(rule, PaymentKind::payment, amount);
    ASSERT_GE(fee.minor, 0);
    // Twice the distance between the percentage and what it was rounded to is not more than a unit, and up at the half.
    const __int128 exact = __int128(amount.minor) * rule.basis_points;
    const std::int64_t rounded = std::int64_t((2 * exact + basis_points) / (2 * basis_points));
    ASSERT_LE(2 * (exact - __int128(rounded) * basis_points), basis_points - 1);
    ASSERT_GE(2 * (exact - __int128(rounded) * basis_points), -basis_points);
    std::int64_t expected = std::max(rounded + rule.fixed_minor, rule.least_minor);
    if (rule.most_minor) expected = std::min(expected, *rule.most_minor);
    if (rule.bearer == FeeBearer::merchant) expected = std::min(expected, amount.minor);
    ASSERT_EQ(fee.minor, expected);
    const std::int64_t charged = amount.minor + (rule.bearer == FeeBearer::customer ? fee.minor : 0);
    const std::int64_t credited = amount.minor - (rule.bearer == FeeBearer::merchant ? fee.minor : 0);
    ASSERT_EQ(charged, credited + fee.minor);
    ASSERT_GE(credited, 0);
  }
}

class FeeRules : public testing::Test {
 protected:
  FeeRule rule_for(PaymentKind kind, std::int64_t rail, std::string_view currency = "GHS") {
    return *store.write([&](db::Transaction& tx) -> Result<FeeRule> {
      return *ask_for_fee_rule(tx, {scope.merchant, kind, *Currency::parse(currency), rail}).get();
    });
  }
  Result<> set(PaymentKind kind, std::int64_t rail, FeeRule rule) {
    return store.write([&](db::Transaction& tx) {
      return set_fee_rule(tx, {{scope.merchant, kind, Currency::ghs(), rail}, rule}, store.clock.now());
    });
  }

  MemoryStore store;
  Scope scope = store.merchant();
};

TEST_F(FeeRules, TheRailsOwnCountsThenTheOneForAllThenTheMerchantsRow) {
  EXPECT_EQ(rule_for(PaymentKind::payment, 1), FeeRule{});
  ASSERT_TRUE(store.write([&](db::Transaction& tx) { return set_default_fee(tx, scope.merchant, 150); }));
  EXPECT_EQ(rule_for(PaymentKind::payment, 1), FeeRule{.basis_points = 150});
  EXPECT_EQ(rule_for(PaymentKind::payout, 1), FeeRule{});
  const FeeRule all{.basis_points = 100}, one{.basis_points = 195, .fixed_minor = 10, .most_minor = 500};
  ASSERT_TRUE(set(PaymentKind::payment, 0, all));
  ASSERT_TRUE(set(PaymentKind::payment, 2, one));
  EXPECT_EQ(rule_for(PaymentKind::payment, 1), all);
  EXPECT_EQ(rule_for(PaymentKind::payment, 2), one);
  EXPECT_EQ(rule_for(PaymentKind::payment, 2, "USD"), FeeRule{.basis_points = 150});
  EXPECT_EQ(rule_for(PaymentKind::refund, 2), FeeRule{});
  ASSERT_TRUE(set(PaymentKind::payment, 2, all));
  EXPECT_EQ(rule_for(PaymentKind::payment, 2), all);
  const auto list = *store.write(
      [&](db::Transaction& tx) -> Result<std::vector<KeyedFeeRule>> { return list_fee_rules(tx, scope.merchant); });
  EXPECT_EQ(list.size(), 2u);
  const FeeRuleKey key{scope.merchant, PaymentKind::payment, Currency::ghs(), 2};
  EXPECT_TRUE(store.write([&](db::Transaction& tx) { return delete_fee_rule(tx, key); }));
  EXPECT_EQ(store.write([&](db::Transaction& tx) { return delete_fee_rule(tx, key); }).error().code,
            ErrorCode::not_found);
}

TEST_F(FeeRules, WhatCannotBeIsRefused) {
  const FeeRule rows[] = {{.basis_points = -1}, {.basis_points = 10'001}, {.fixed_minor = -1},
                          {.least_minor = -1},  {.most_minor = -1},       {.least_minor = 2, .most_minor = 1}};
  for (const FeeRule& rule : rows) EXPECT_EQ(set(PaymentKind::payment, 0, rule).error().code, ErrorCode::invalid);
  EXPECT_EQ(set(PaymentKind::payout, 0, {.bearer = FeeBearer::customer}).error().code, ErrorCode::invalid);
  scope.merchant.value += 1'000;
  EXPECT_EQ(set(PaymentKind::payment, 0, {}).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace epay::payments
