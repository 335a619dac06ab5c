#include "merchants/throttle.h"

#include <gtest/gtest.h>

#include "simulation/memory_store.h"

namespace epay::merchants {
namespace {

constexpr Throttle rule{"rule", 3, seconds(10), minutes(1), hours(1)};

class ThrottleTest : public testing::Test {
 protected:
  std::optional<microseconds> take(const Throttle& throttle = rule, const std::string& subject = "ama") {
    return store
        .write([&](db::Transaction& tx) -> Result<Try> { return take_try(tx, throttle, subject, store.clock.now()); })
        ->wait;
  }
  void pass(microseconds time) { store.clock.run_for(time); }
  std::int64_t rows() {
    static constexpr db::Sql count{"SELECT count(*) FROM throttles"};
    return store
        .write([](db::Transaction& tx) -> Result<std::int64_t> {
          return *tx.query_one(count, [](const db::Row& row) { return row.integer(0); });
        })
        .value();
  }
  simulation::MemoryStore store;
};

TEST_F(ThrottleTest, SomeTriesAreFreeThenEachWaitsTwiceAsLong) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(take(), std::nullopt) << i;
  for (const seconds wait : {seconds(10), seconds(20), seconds(40), seconds(60), seconds(60)}) {
    EXPECT_EQ(take(), microseconds(wait));
    pass(wait - seconds(1));
    EXPECT_EQ(take(), microseconds(seconds(1))) << "a refused try does not lengthen the wait";
    pass(seconds(1));
    EXPECT_EQ(take(), std::nullopt) << wait.count();
  }
}

TEST_F(ThrottleTest, NobodyIsShutOutForEver) {
  for (int i = 0; i < 1'000; ++i) {
    if (const auto wait = take()) {
      EXPECT_LE(*wait, microseconds(rule.wait_max));
      pass(*wait);
    }
  }
  pass(rule.forgotten_after);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(take(), std::nullopt);
}

TEST_F(ThrottleTest, SubjectsAndRulesAreCountedByThemselves) {
  constexpr Throttle another{"another", 3, seconds(10), minutes(1), hours(1)};
  while (!take()) {
  }
  EXPECT_EQ(take(rule, "kofi"), std::nullopt);
  EXPECT_EQ(take(another), std::nullopt);
}

TEST_F(ThrottleTest, IsForgivenAndGivenBack) {
  while (!take()) {
  }
  store
      .write([](db::Transaction& tx) -> Result<> {
        forgive(tx, rule, "ama");
        return {};
      })
      .value();
  for (int i = 0; i < 30; ++i) {
    // Who always gets in takes nothing from others at his address.
    EXPECT_EQ(take(), std::nullopt) << i;
    store
        .write([](db::Transaction& tx) -> Result<> {
          give_back_try(tx, rule, "ama");
          return {};
        })
        .value();
  }
  // But a wait that wrong tries have earned is not cut short by a right one.
  while (!take()) {
  }
  store
      .write([](db::Transaction& tx) -> Result<> {
        give_back_try(tx, rule, "ama");
        return {};
      })
      .value();
  EXPECT_TRUE(take().has_value());
}

TEST_F(ThrottleTest, WhatIsForgottenIsDeleted) {
  for (int i = 0; i < 20; ++i) take(rule, std::to_string(i));
  EXPECT_EQ(rows(), 20);
  pass(rule.forgotten_after);
  for (int i = 0; i < 8; ++i) take(rule, "new" + std::to_string(i));
  EXPECT_EQ(rows(), 8);
}

}  // namespace
}  // namespace epay::merchants
