#include "base/money.h"

#include <gtest/gtest.h>

namespace epay {
namespace {

struct Row {
  std::string text;
  std::string currency;
  std::int64_t minor;  // -1: refused
};

void check(const Row& row) {
  SCOPED_TRACE(row.text + " " + row.currency);
  const auto money = Money::parse(row.text, *Currency::parse(row.currency));
  if (row.minor < 0) {
    EXPECT_FALSE(money.has_value());
  } else {
    ASSERT_TRUE(money.has_value()) << money.error().message;
    EXPECT_EQ(money->minor, row.minor);
  }
}

TEST(Money, ParsesExactlyWhatIsAPlainDecimal) {
  const Row rows[] = {
      {"1", "GHS", 100},
      {"1.00", "GHS", 100},
      {"0.1", "GHS", 10},
      {"0.01", "GHS", 1},
      {"007.5", "GHS", 750},
      {"1.000", "BHD", 1000},
      {"0.001", "BHD", 1},
      {"500", "JPY", 500},
      {"10000000000", "GHS", 1'000'000'000'000},
      {"1e3", "GHS", -1},
      {"-1", "GHS", -1},
      {"+1", "GHS", -1},
      {"NaN", "GHS", -1},
      {"Infinity", "GHS", -1},
      {"", "GHS", -1},
      {" 1", "GHS", -1},
      {"1 ", "GHS", -1},
      {"1.", "GHS", -1},
      {".5", "GHS", -1},
      {"1.000", "GHS", -1},
      {"0", "GHS", -1},
      {"0.00", "GHS", -1},
      {"1.0001", "BHD", -1},
      {"1.0", "JPY", -1},
      {"1,000", "GHS", -1},
      {"0x10", "GHS", -1},
      {"1.2.3", "GHS", -1},
      {"9999999999999999999", "GHS", -1},
      {"10000000000.01", "GHS", -1},
      {"\xD9\xA1", "GHS", -1},
  };
  for (const Row& row : rows) check(row);
}

TEST(Money, WritesMajorUnitsWithoutTrailingZeros) {
  const auto text = [](std::int64_t minor, const char* code) {
    return Money{minor, *Currency::parse(code)}.to_decimal();
  };
  EXPECT_EQ(text(100, "GHS"), "1");
  EXPECT_EQ(text(2200, "GHS"), "22");
  EXPECT_EQ(text(150, "GHS"), "1.5");
  EXPECT_EQ(text(5, "GHS"), "0.05");
  EXPECT_EQ(text(0, "GHS"), "0");
  EXPECT_EQ(text(1005, "BHD"), "1.005");
  EXPECT_EQ(text(1000, "JPY"), "1000");
}

TEST(Money, JsonNumbersHaveADecimal) {
  const auto text = [](std::int64_t minor, const char* code) {
    return Money{minor, *Currency::parse(code)}.to_json_number();
  };
  EXPECT_EQ(text(100, "GHS"), "1.0");
  EXPECT_EQ(text(150, "GHS"), "1.5");
  EXPECT_EQ(text(1000, "JPY"), "1000.0");
}

TEST(Money, EveryAmountSurvivesAWriteAndARead) {
  for (const char* code : {"GHS", "JPY", "BHD"}) {
    const Currency currency = *Currency::parse(code);
    for (std::int64_t minor = 1; minor < Money::minor_max; minor = minor * 7 + 3) {
      const Money money{minor, currency};
      const auto back = Money::parse(money.to_decimal(), currency);
      ASSERT_TRUE(back.has_value());
      EXPECT_EQ(*back, money);
    }
  }
}

TEST(Currency, TakesActiveCodesOnly) {
  EXPECT_TRUE(Currency::parse("GHS"));
  EXPECT_EQ(Currency::parse("JPY")->exponent(), 0);
  EXPECT_EQ(Currency::parse("BHD")->exponent(), 3);
  for (const char* code : {"", "GH", "ghs", "GHSX", "XXX", "XAU", "HRK", "S G", " GH"}) {
    EXPECT_FALSE(Currency::parse(code)) << code;
  }
}

}  // namespace
}  // namespace epay
