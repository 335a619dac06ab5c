#include "payments/status.h"

#include <gtest/gtest.h>

namespace epay::payments {
namespace {

constexpr PaymentStatus payment_statuses[] = {PaymentStatus::created, PaymentStatus::pending, PaymentStatus::succeeded,
                                              PaymentStatus::failed,  PaymentStatus::expired, PaymentStatus::reversed};
constexpr AttemptStatus attempt_statuses[] = {
    AttemptStatus::created,        AttemptStatus::submitted, AttemptStatus::awaiting_redirect,
    AttemptStatus::awaiting_input, AttemptStatus::unknown,   AttemptStatus::succeeded,
    AttemptStatus::failed,         AttemptStatus::expired,   AttemptStatus::suspended,
    AttemptStatus::reversed};

TEST(PaymentStatus, WhatIsFinalStaysUnlessTheMoneyComesBack) {
  for (const PaymentStatus to : payment_statuses) {
    EXPECT_EQ(may_follow(PaymentStatus::succeeded, to), to == PaymentStatus::reversed);
    EXPECT_FALSE(may_follow(PaymentStatus::failed, to));
    EXPECT_FALSE(may_follow(PaymentStatus::reversed, to));
  }
}

TEST(PaymentStatus, OnlyALateSuccessFollowsOurOwnDeadline) {
  for (const PaymentStatus to : payment_statuses) {
    EXPECT_EQ(may_follow(PaymentStatus::expired, to), to == PaymentStatus::succeeded);
  }
}

TEST(PaymentStatus, NothingSucceedsWithoutAnAttempt) {
  EXPECT_FALSE(may_follow(PaymentStatus::created, PaymentStatus::succeeded));
  EXPECT_TRUE(may_follow(PaymentStatus::created, PaymentStatus::pending));
}

TEST(AttemptStatus, WhatTheRailDecidedStaysUnlessItTakesItBack) {
  for (const AttemptStatus to : attempt_statuses) {
    EXPECT_EQ(may_follow(AttemptStatus::succeeded, to), to == AttemptStatus::reversed);
    EXPECT_FALSE(may_follow(AttemptStatus::reversed, to));
    EXPECT_FALSE(may_follow(AttemptStatus::failed, to));
    EXPECT_FALSE(may_follow(AttemptStatus::suspended, to));
  }
}

TEST(AttemptStatus, NothingGoesBackToNotSent) {
  for (const AttemptStatus from : attempt_statuses) EXPECT_FALSE(may_follow(from, AttemptStatus::created));
}

TEST(AttemptStatus, OnlyWhatSucceededComesBack) {
  for (const AttemptStatus from : attempt_statuses) {
    EXPECT_EQ(may_follow(from, AttemptStatus::reversed), from == AttemptStatus::succeeded);
  }
}

TEST(AttemptStatus, EveryOpenStateCanEndEitherWay) {
  for (const AttemptStatus from : attempt_statuses) {
    EXPECT_EQ(may_follow(from, AttemptStatus::succeeded), is_open(from));
    EXPECT_EQ(may_follow(from, AttemptStatus::failed), is_open(from));
  }
}

TEST(PaymentStatus, TheWireKnowsThreeWords) {
  EXPECT_EQ(wire_name(PaymentStatus::created), "pending");
  EXPECT_EQ(wire_name(PaymentStatus::pending), "pending");
  EXPECT_EQ(wire_name(PaymentStatus::succeeded), "success");
  EXPECT_EQ(wire_name(PaymentStatus::failed), "failed");
  EXPECT_EQ(wire_name(PaymentStatus::expired), "failed");
  EXPECT_EQ(wire_name(PaymentStatus::reversed), "failed");
}

}  // namespace
}  // namespace epay::payments
