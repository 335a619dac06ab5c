#include "pages/format.h"

#include <gtest/gtest.h>

namespace epay::pages {
namespace {

// No-break spaces made visible.
std::string shown(std::string text) {
  for (const auto& [blank, mark] : {std::pair("\u00a0", "~"), std::pair("\u202f", "-")}) {
    for (std::size_t at; (at = text.find(blank)) != std::string::npos;)
      text.replace(at, std::string_view(blank).size(), mark);
  }
  return text;
}

TEST(Format, MoneyIsWrittenAsPeopleOfTheLanguageDoWithAllItsDecimals) {
  struct Case {
    const char *decimal, *currency, *english, *french;
  };
  for (const auto& [decimal, currency, english, french] :
       {Case{"1", "GHS", "GHS~1.00", "1,00~GHS"}, Case{"1250.5", "GHS", "GHS~1,250.50", "1-250,50~GHS"},
        Case{"9999999999.99", "GHS", "GHS~9,999,999,999.99", "9-999-999-999,99~GHS"},
        Case{"100", "JPY", "JPY~100", "100~JPY"}, Case{"0.005", "BHD", "BHD~0.005", "0,005~BHD"}}) {
    const auto amount = Money::parse(decimal, *Currency::parse(currency));
    ASSERT_TRUE(amount) << decimal;
    EXPECT_EQ(shown(format_money(*amount, texts_of("en"))), english);
    EXPECT_EQ(shown(format_money(*amount, texts_of("fr"))), french);
  }
}

TEST(Format, CountsAndMoments) {
  EXPECT_EQ(format_count(1'234'567, texts_of("en")), "1,234,567");
  EXPECT_EQ(shown(format_count(1'234'567, texts_of("fr"))), "1-234-567");
  const Timestamp moment{1'795'615'500'000'000};
  EXPECT_EQ(format_date(moment, texts_of("en")), "25 Nov 2026");
  EXPECT_EQ(format_time(moment, texts_of("en")), "25 Nov 2026, 14:05 UTC");
  EXPECT_EQ(format_date(moment, texts_of("fr")), "25 nov. 2026");
}

}  // namespace
}  // namespace epay::pages
