#include "base/timestamp.h"

#include <gtest/gtest.h>

namespace epay {
namespace {

TEST(Timestamp, WritesTheWiresForm) {
  EXPECT_EQ(Timestamp{0}.to_wire(), "1970-01-01 00:00:00");
  EXPECT_EQ(Timestamp{1'548'420'809'999'999}.to_wire(), "2019-01-25 12:53:29");
  EXPECT_EQ(Timestamp{951'782'399'000'000}.to_wire(), "2000-02-28 23:59:59");
  EXPECT_EQ((Timestamp{951'782'399'000'000} + seconds(1)).to_wire(), "2000-02-29 00:00:00");
  EXPECT_EQ(Timestamp{-1}.to_wire(), "1969-12-31 23:59:59");
}

TEST(Timestamp, DifferencesAreDurations) {
  EXPECT_EQ(Timestamp{5'000'000} - Timestamp{2'000'000}, seconds(3));
  EXPECT_EQ((Timestamp{5'000'000} - seconds(3)).micros, 2'000'000);
}

}  // namespace
}  // namespace epay
