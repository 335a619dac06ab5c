#include "app/moment.h"

#include <gtest/gtest.h>

namespace epay::app {
namespace {

TEST(Moment, IsReadInEachForm) {
  struct Row {
    std::string_view text;
    std::string_view iso8601;  // "" where it is refused
  };
  const Row rows[] = {
      {"2026-01-25 12:53:29", "2026-01-25T12:53:29.000000Z"},
      {"2026-01-25T12:53:29Z", "2026-01-25T12:53:29.000000Z"},
      {"2026-01-25T12:53:29.5Z", "2026-01-25T12:53:29.500000Z"},
      {"2026-01-25T12:53:29.1234567Z", "2026-01-25T12:53:29.123456Z"},
      {"2026-01-25T12:53:29+01:30", "2026-01-25T11:23:29.000000Z"},
      {"2026-01-25T23:53:29-0100", "2026-01-26T00:53:29.000000Z"},
      {"2026-01-25 12:53:29Z", "2026-01-25T12:53:29.000000Z"},
      {"2024-02-29 00:00:00", "2024-02-29T00:00:00.000000Z"},
      {"1970-01-01 00:00:00", "1970-01-01T00:00:00.000000Z"},
      {"2026-02-29 00:00:00", ""},
      {"2026-13-01 00:00:00", ""},
      {"2026-01-25 24:00:00", ""},
      {"2026-01-25 12:60:00", ""},
      {"2026-01-25 12:53:60", ""},
      {"2026-01-25T12:53:29", ""},
      {"2026-01-25T12:53:29.Z", ""},
      {"2026-01-25T12:53:29Zx", ""},
      {"2026-01-25", ""},
      {"26-1-25 1:2:3", ""},
      {"yesterday", ""},
      {"", ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const auto moment = parse_moment(row.text);
    EXPECT_EQ(moment ? moment->to_iso8601() : "", row.iso8601);
    if (!moment) EXPECT_EQ(moment.error().code, ErrorCode::invalid);
  }
}

TEST(Moment, MayBeAnAge) {
  const Timestamp now{1'700'000'000'000'000};
  EXPECT_EQ(parse_moment_or_age("24h", now), now - hours(24));
  EXPECT_EQ(parse_moment_or_age("0", now), now);
  EXPECT_EQ(parse_moment_or_age("1970-01-01 00:00:01", now), Timestamp{1'000'000});
  const auto wrong = parse_moment_or_age("24", now);
  ASSERT_FALSE(wrong.has_value());
  EXPECT_NE(wrong.error().message.find("\"24\" is no moment"), std::string::npos) << wrong.error().message;
  EXPECT_NE(wrong.error().message.find("24h"), std::string::npos);
}

}  // namespace
}  // namespace epay::app
