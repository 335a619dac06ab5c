#include "webhooks/breaker.h"

#include <gtest/gtest.h>

namespace epay::webhooks {
namespace {

constexpr Ticks start{1'000'000'000};

// Tries a second apart, 'x' for a failure; at which of them (from 1) the breaker opens, 0: never.
int opens_at(std::string_view tries) {
  Breaker breaker;
  Ticks now = start;
  int number = 0;
  for (const char one : tries) {
    ++number;
    now = now + seconds(1);
    if (one == 'x' && breaker.failed(now, now)) return number;
    if (one == '.') breaker.succeeded(now, now);
  }
  return 0;
}

TEST(Breaker, OpensAfterTenFailuresInARow) {
  EXPECT_EQ(opens_at("xxxxxxxxx"), 0);
  EXPECT_EQ(opens_at("xxxxxxxxxx"), 10);
}

TEST(Breaker, OpensAtSeventyPercentOfAtLeastTen) {
  EXPECT_EQ(opens_at(".xxxxxxxxx"), 10);
  EXPECT_EQ(opens_at("...xxxxxxx"), 10);
  EXPECT_EQ(opens_at("....xxxxxx"), 0);
  EXPECT_EQ(opens_at("....xxxxxx.xxxxxxxx"), 17);  // 12 of 17
  EXPECT_EQ(opens_at("x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x."), 0);
}

TEST(Breaker, ForgetsWhatIsOlderThanFiveMinutes) {
  Breaker breaker;
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(breaker.failed(start, start));
  breaker.succeeded(start, start);
  const Ticks later = start + Breaker::window + seconds(31);
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(breaker.failed(later, later)) << i;
}

TEST(Breaker, RestsTwiceAsLongAfterEachProbeThatFailsUpToTenMinutes) {
  Breaker breaker;
  Ticks now = start;
  for (int i = 0; i < 10; ++i) breaker.failed(now, now);
  for (const int expected : {30, 60, 120, 240, 480, 600, 600}) {
    EXPECT_TRUE(breaker.is_open());
    EXPECT_EQ(breaker.rest(), seconds(expected));
    now = now + breaker.rest();
    EXPECT_TRUE(breaker.failed(now, now + seconds(1)));
    now = now + seconds(1);
  }
  now = now + breaker.rest();
  breaker.succeeded(now, now);
  EXPECT_FALSE(breaker.is_open());
  EXPECT_FALSE(breaker.failed(now, now)) << "what was before the rest counts no more";
}

TEST(Breaker, TriesThatWereUnderWayWhenItOpenedDoNotProlongTheRest) {
  Breaker breaker;
  for (int i = 0; i < 10; ++i) breaker.failed(start, start + seconds(15));
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(breaker.failed(start + seconds(1), start + seconds(16)));
  EXPECT_EQ(breaker.rest(), seconds(30));
  // Nor does one that succeeds end it.
  breaker.succeeded(start + seconds(1), start + seconds(17));
  EXPECT_TRUE(breaker.is_open());
  breaker.succeeded(start + seconds(46), start + seconds(47));
  EXPECT_FALSE(breaker.is_open());
}

}  // namespace
}  // namespace epay::webhooks
