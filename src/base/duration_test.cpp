#include "base/duration.h"

#include <gtest/gtest.h>

namespace epay {
namespace {

TEST(Duration, ReadsWhatPeopleWrite) {
  EXPECT_EQ(parse_duration("0"), microseconds(0));
  EXPECT_EQ(parse_duration("250ms"), milliseconds(250));
  EXPECT_EQ(parse_duration("2s"), seconds(2));
  EXPECT_EQ(parse_duration("5m"), minutes(5));
  EXPECT_EQ(parse_duration("24h"), hours(24));
}

TEST(Duration, RefusesTheRest) {
  for (const char* text : {"", "5", "-1s", "s", "1.5s", "2 s", "2sec", "1d", "99999999999999999999s", "9999999h"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

}  // namespace
}  // namespace epay
