#include "api/rate_limiter.h"

#include <gtest/gtest.h>

namespace epay::api {
namespace {

TEST(RateLimiter, AllowsABurstAndThenTheRate) {
  RateLimiter limiter(10);
  Ticks now{5'000'000};
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(limiter.take("a", now)) << i;
  const auto wait = limiter.take("a", now);
  ASSERT_TRUE(wait);
  EXPECT_EQ(*wait, milliseconds(100));
  EXPECT_FALSE(limiter.take("a", now + *wait));
  EXPECT_TRUE(limiter.take("a", now + *wait));
}

TEST(RateLimiter, EachHasABucketOfItsOwn) {
  RateLimiter limiter(1);
  const Ticks now{1};
  EXPECT_FALSE(limiter.take("a", now));
  EXPECT_FALSE(limiter.take("a", now));
  EXPECT_TRUE(limiter.take("a", now));
  EXPECT_FALSE(limiter.take("b", now));
}

TEST(RateLimiter, ARefusalUsesNothingUp) {
  RateLimiter limiter(1);
  const Ticks now{1};
  for (int i = 0; i < 100; ++i) limiter.take("a", now);
  EXPECT_FALSE(limiter.take("a", now + seconds(1)));
}

TEST(RateLimiter, ZeroIsNoLimit) {
  RateLimiter limiter(0);
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(limiter.take("a", Ticks{1}));
}

}  // namespace
}  // namespace epay::api
