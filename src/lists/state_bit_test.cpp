// What runs of payments have stored of their states stands, whatever states there are since.
#include <gtest/gtest.h>

#include <set>

#include "lists/search_blocks.h"

namespace epay::lists {
namespace {

using payments::Method;
using payments::PaymentKind;
using payments::PaymentStatus;

constexpr PaymentKind kinds[] = {PaymentKind::payment, PaymentKind::payout, PaymentKind::refund};
constexpr PaymentStatus statuses[] = {PaymentStatus::created, PaymentStatus::pending, PaymentStatus::succeeded,
                                      PaymentStatus::failed, PaymentStatus::expired};

TEST(StateBit, IsWhatHasBeenStored) {
  int bit = 0;
  for (const PaymentKind kind : {PaymentKind::payment, PaymentKind::payout}) {
    for (const PaymentStatus status : statuses) {
      for (const Method method : {Method::undecided, Method::momo, Method::card})
        EXPECT_EQ(state_bit(kind, status, method), std::int64_t(1) << bit++);
    }
  }
}

TEST(StateBit, TellsKindsApartAndAllButTheReversedByStatusAndMethod) {
  std::set<std::int64_t> bits;
  for (const PaymentKind kind : kinds) {
    for (const PaymentStatus status : statuses) {
      for (const Method method : {Method::undecided, Method::momo, Method::card, Method::bank}) {
        EXPECT_GT(state_bit(kind, status, method), 0);
        EXPECT_TRUE(bits.insert(state_bit(kind, status, method)).second);
      }
    }
    EXPECT_TRUE(bits.insert(state_bit(kind, PaymentStatus::reversed, Method::momo)).second);
    EXPECT_EQ(state_bit(kind, PaymentStatus::reversed, Method::bank),
              state_bit(kind, PaymentStatus::reversed, Method::momo));
  }
}

}  // namespace
}  // namespace epay::lists
