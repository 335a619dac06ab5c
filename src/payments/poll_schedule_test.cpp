#include "payments/poll_schedule.h"

#include <gtest/gtest.h>

namespace epay::payments {
namespace {

constexpr int no_jitter = 200;

std::vector<std::int64_t> seconds_of_polls(PaymentKind kind) {
  const Timestamp began{0};
  std::vector<std::int64_t> polls;
  Timestamp at = began + first_poll_after;
  for (std::optional<Timestamp> next = at; next; next = next_poll_at(kind, began, *next, no_jitter)) {
    polls.push_back(next->unix_seconds());
  }
  return polls;
}

TEST(PollSchedule, IsDenseAtFirstAndThinsOut) {
  const auto polls = seconds_of_polls(PaymentKind::payment);
  const std::vector<std::int64_t> first(polls.begin(), polls.begin() + 8);
  EXPECT_EQ(first, (std::vector<std::int64_t>{5, 10, 15, 20, 30, 60, 90, 120}));
}

TEST(PollSchedule, EndsAfterADayAndForPayoutsAfterThree) {
  EXPECT_LE(std::abs(seconds_of_polls(PaymentKind::payment).back() - 24 * 3600), 3600);
  EXPECT_LE(std::abs(seconds_of_polls(PaymentKind::payout).back() - 72 * 3600), 3600);
}

TEST(PollSchedule, JitterStaysWithinAFifth) {
  const Timestamp began{0};
  const Timestamp now = began + seconds(60);
  EXPECT_EQ((*next_poll_at(PaymentKind::payment, began, now, 0) - now).count(), seconds(24) / microseconds(1));
  EXPECT_LT((*next_poll_at(PaymentKind::payment, began, now, 399) - now).count(), seconds(36) / microseconds(1));
}

}  // namespace
}  // namespace epay::payments
