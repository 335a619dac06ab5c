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

struct Written {
  const char* text;
  const char* wire;  // "" when it is no time
};

TEST(Timestamp, ReadsTheWiresFormIso8601AndUnixSeconds) {
  const Written rows[] = {{"2019-01-25 12:53:29", "2019-01-25 12:53:29"},
                          {"2019-01-25T12:53:29Z", "2019-01-25 12:53:29"},
                          {"2019-01-25t12:53:29.999999z", "2019-01-25 12:53:29"},
                          {"2019-01-25T12:53:29+01:00", "2019-01-25 11:53:29"},
                          {"2019-01-25T12:53:29.5-0130", "2019-01-25 14:23:29"},
                          {"2019-01-25T12:53", "2019-01-25 12:53:00"},
                          {"2019-01-25", "2019-01-25 00:00:00"},
                          {"2020-02-29", "2020-02-29 00:00:00"},
                          {"1970-01-01", "1970-01-01 00:00:00"},
                          {"9999-12-31 23:59:59", "9999-12-31 23:59:59"},
                          {"0", "1970-01-01 00:00:00"},
                          {"1548420809", "2019-01-25 12:53:29"},
                          {"", ""},
                          {"2019-02-29", ""},
                          {"2019-13-01", ""},
                          {"2019-01-00", ""},
                          {"2019-01-25 24:00:00", ""},
                          {"2019-01-25 12:60", ""},
                          {"2019-01-25 12", ""},
                          {"2019-01-25 12:53:29 ", ""},
                          {"2019-01-25T12:53:29.", ""},
                          {"2019-01-25T12:53:29+1", ""},
                          {"2019-01-25T", ""},
                          {"19-01-25", ""},
                          {"1969-12-31", ""},
                          {"-1", ""},
                          {"1.5", ""},
                          {"154842080900000", ""},
                          {"yesterday", ""}};
  for (const Written& row : rows) {
    const auto time = Timestamp::parse(row.text);
    EXPECT_EQ(time ? time->to_wire() : "", row.wire) << row.text;
  }
  EXPECT_EQ(Timestamp::parse("1970-01-01T00:00:00.1234567Z"), Timestamp{123'456});
  EXPECT_EQ(Timestamp::parse(Timestamp{1'548'420'809'000'001}.to_iso8601()), Timestamp{1'548'420'809'000'001});
}

TEST(Timestamp, DifferencesAreDurations) {
  EXPECT_EQ(Timestamp{5'000'000} - Timestamp{2'000'000}, seconds(3));
  EXPECT_EQ((Timestamp{5'000'000} - seconds(3)).micros, 2'000'000);
}

}  // namespace
}  // namespace epay
