#include "app/moment.h"

#include <gtest/gtest.h>

namespace epay::app {
namespace {

TEST(Moment, IsATimeOrAnAge) {
  const Timestamp now{1'700'000'000'000'000};
  struct Row {
    std::string_view text;
    std::optional<Timestamp> moment;
  };
  const Row rows[] = {
      {"24h", now - hours(24)},
      {"250ms", now - milliseconds(250)},
      {"0", now},
      {"1970-01-01 00:00:01", Timestamp{1'000'000}},
      {"1970-01-01T01:00:01+01:00", Timestamp{1'000'000}},
      {"24", Timestamp{24'000'000}},
      {"-1h", std::nullopt},
      {"yesterday", std::nullopt},
      {"", std::nullopt},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const auto moment = parse_moment(row.text, now);
    EXPECT_EQ(moment ? std::optional(*moment) : std::nullopt, row.moment);
    if (!moment) EXPECT_NE(moment.error().message.find("how long ago"), std::string::npos);
  }
}

}  // namespace
}  // namespace epay::app
