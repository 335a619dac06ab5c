#include "webhooks/retry_schedule.h"

#include <gtest/gtest.h>

namespace epay::webhooks {
namespace {

TEST(RetrySchedule, IsTheDocumentedOne) {
  const RetrySchedule schedule;
  constexpr int no_jitter = 200;
  const microseconds waits[] = {seconds(5), minutes(5), minutes(30), hours(2), hours(5),
                                hours(10),  hours(14),  hours(20),   hours(24)};
  int tries = 0;
  for (const microseconds wait : waits) EXPECT_EQ(schedule.wait_after(++tries, no_jitter), wait);
  EXPECT_FALSE(schedule.wait_after(++tries, no_jitter));
}

TEST(RetrySchedule, JitterStaysWithinAFifth) {
  const RetrySchedule schedule;
  EXPECT_EQ(schedule.wait_after(1, 0), seconds(4));
  EXPECT_LT(*schedule.wait_after(1, 399), seconds(6));
  EXPECT_GT(*schedule.wait_after(1, 399), milliseconds(5'990));
}

}  // namespace
}  // namespace epay::webhooks
