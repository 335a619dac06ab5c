#include "api/query.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace epay::api {
namespace {

http::Request request(std::string query) {
  http::Request made;
  made.query = std::move(query);
  return made;
}

TEST(WireTime, TakesTheFormsThatClientsWrite) {
  const std::int64_t second = 1'769'345'609'000'000;  // 2026-01-25 12:53:29 UTC
  const std::vector<std::pair<std::string, std::int64_t>> cases = {
      {"2026-01-25 12:53:29", second},
      {"2026-01-25T12:53:29", second},
      {"2026-01-25T12:53:29Z", second},
      {"2026-01-25t12:53:29z", second},
      {"2026-01-25T12:53:29.5Z", second + 500'000},
      {"2026-01-25T12:53:29.000001Z", second + 1},
      {"2026-01-25T12:53:29.123456789Z", second + 123'456},
      {"2026-01-25T13:53:29+01:00", second},
      {"2026-01-25T07:23:29-0530", second},
      {"2026-01-25", 1'769'299'200'000'000},
      {"1769345609", second},
      {"0", 0},
      {"1970-01-01 00:00:00", 0},
      {"2024-02-29 00:00:00", 1'709'164'800'000'000},
      {"9999-12-31 23:59:59", 253'402'300'799'000'000},
      {"253402300799", 253'402'300'799'000'000},
  };
  for (const auto& [text, micros] : cases) {
    const auto time = parse_time(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(time->micros, micros) << text;
  }
}

TEST(WireTime, RefusesTheRest) {
  for (const char* text : {"",
                           "yesterday",
                           "2026-1-25",
                           "2026-13-01",
                           "2026-02-29",
                           "2026-01-32",
                           "2026-01-25 24:00:00",
                           "2026-01-25 12:60:00",
                           "2026-01-25 12:53",
                           "2026-01-25 12:53:29 ",
                           " 2026-01-25",
                           "2026-01-25T12:53:29+1",
                           "2026-01-25T12:53:29.Z",
                           "2026-01-25T12:53:29.1234567890Z",
                           "2026-01-25T12:53:29ZZ",
                           "1969-12-31 23:59:59",
                           "1970-01-01T00:00:00+01:00",
                           "10000-01-01",
                           "-5",
                           "1.5",
                           "253402300800",
                           "99999999999999999999"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(Query, ReadsWhatIsThere) {
  const auto asked = request(
      "after=17&type=ping,payment.success&limit=100&order=newest&since=2026-01-25%2012:53:29&reference=%C3%A9&empty=");
  QueryReader reader(asked);
  EXPECT_EQ(reader.id<EventId>("after"), EventId{17});
  EXPECT_EQ(reader.types("type"),
            events::EventTypes::of(events::EventType::ping).add(events::EventType::payment_success));
  EXPECT_EQ(reader.limit(), 100);
  EXPECT_EQ(reader.choice("order", {"oldest", "newest"}), "newest");
  EXPECT_EQ(reader.time("since")->micros, 1'769'345'609'000'000);
  EXPECT_EQ(reader.text("reference", 1), "é");
  EXPECT_EQ(reader.text("empty", 1), std::nullopt);
  EXPECT_EQ(reader.id<EventId>("absent"), std::nullopt);
  EXPECT_FALSE(reader.error());
  const auto nothing = request("");
  EXPECT_EQ(QueryReader(nothing).limit(), list_limit_default);
}

TEST(Query, NamesEveryWrongParameter) {
  const auto asked = request("after=-1&type=ping,&limit=101&order=up&since=now&reference=ab&bytes=%FF");
  QueryReader reader(asked);
  reader.id<EventId>("after");
  reader.types("type");
  reader.limit();
  reader.choice("order", {"oldest", "newest"});
  reader.time("since");
  reader.text("reference", 1);
  reader.text("bytes", 9);
  const auto error = reader.error();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::invalid);
  std::string names;
  for (const FieldError& field : error->fields) names += field.field + " ";
  EXPECT_EQ(names, "after type limit order since reference bytes ");
  EXPECT_EQ(error->message, error->fields.front().message);
}

TEST(Query, NumbersAreWholeAndNotNegative) {
  for (const char* text : {"-1", "1.0", "+1", " 1", "1x", "0x1", "9223372036854775808", "ten"}) {
    EXPECT_FALSE(parse_id(text)) << text;
  }
  EXPECT_EQ(parse_id("9223372036854775807"), INT64_MAX);
}

}  // namespace
}  // namespace epay::api
