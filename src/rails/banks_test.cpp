#include "rails/banks.h"

#include <gtest/gtest.h>

namespace epay::rails {
namespace {

TEST(Banks, ThoseThatAreBuiltInAreKnownToRailsByTheirCodes) {
  const Banks banks = Banks::embedded();
  ASSERT_NE(banks.find("gcb"), nullptr);
  EXPECT_EQ(banks.find("gcb")->name, "GCB Bank");
  EXPECT_EQ(banks.code_at("gcb", "hubtel"), "300304");
  EXPECT_EQ(banks.code_at("gcb", "paystack"), "040100");
  EXPECT_EQ(banks.code_at("gcb", "simulator"), "gcb");
  EXPECT_EQ(banks.code_at("gcb", "mtn"), std::nullopt);
  EXPECT_EQ(banks.code_at("nowhere", "simulator"), std::nullopt);
  for (const Bank& bank : banks.all()) EXPECT_FALSE(bank.at_rails.empty()) << bank.code;
}

TEST(Banks, AListSaysWhatIsWrongWithIt) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"[", "it is no JSON: "},
      {"{}", "it is no array"},
      {"[7]", "bank 1 is no object"},
      {R"([{"code":"gcb"}])", "bank 1 has no name"},
      {R"([{"code":"GCB","name":"GCB"}])", "bank 1 has no code of 2 to 20 lower-case letters and digits"},
      {R"([{"name":"GCB"}])", "bank 1 has no code of 2 to 20 lower-case letters and digits"},
      {R"([{"code":"gcb","name":"GCB","hubtel":300304}])", "bank 1 has a hubtel that is no text"},
      {R"([{"code":"gcb","name":"GCB"},{"code":"gcb","name":"Other"}])", "bank 2 has a code that another has"},
  };
  for (const auto& [text, wrong] : rows) {
    const auto banks = Banks::parse(text);
    ASSERT_FALSE(banks) << text;
    EXPECT_TRUE(banks.error().message.starts_with(wrong)) << banks.error().message;
  }
  const auto banks = Banks::parse(R"([{"code":"zz","name":"Z"},{"code":"aa","name":"A","hubtel":"1"}])");
  ASSERT_TRUE(banks);
  EXPECT_EQ(banks->all().front().code, "aa");
}

}  // namespace
}  // namespace epay::rails
