#include "processing/bulk_file.h"

#include <gtest/gtest.h>

namespace epay::processing {
namespace {

using payments::Method;

const rails::Banks banks = rails::Banks::embedded();
auto read(std::string_view csv) { return read_bulk_file(csv, Currency::ghs(), banks); }

TEST(BulkFile, WalletsAndAccountsAreReadFromColumnsInAnyOrder) {
  const auto lines = read(
      "\xEF\xBB\xBF"
      "description,amount,reference,mobile_wallet_network,mobile_wallet_number,bank_code,account_number,name\r\n"
      "January,150.00,salary-1,mtn,0241234567,,,Ama Mensah\r\n"
      "\"Rent, June\", 80 ,,,,gcb,1234567890,\r\n"
      "From a spreadsheet,1,,mtn,241234567,,,\r\n");
  ASSERT_TRUE(lines) << lines.error().message;
  ASSERT_EQ(lines->size(), 3u);
  const auto& [first, second, third] = std::tie((*lines)[0], (*lines)[1], (*lines)[2]);
  EXPECT_EQ(first.number, 1);
  EXPECT_EQ(first.reference, "salary-1");
  EXPECT_EQ(first.payee, (payments::PayeeAccount{Method::momo, "0241234567", "mtn"}));
  EXPECT_EQ(first.payee_name, "Ama Mensah");
  EXPECT_EQ(first.amount_minor, 15'000);
  EXPECT_FALSE(first.problem);
  EXPECT_EQ(second.payee, (payments::PayeeAccount{Method::bank, "1234567890", "gcb"}));
  EXPECT_EQ(second.description, "Rent, June");
  EXPECT_EQ(second.reference, "");
  EXPECT_FALSE(second.problem);
  EXPECT_EQ(third.payee.number, "0241234567");
}

TEST(BulkFile, ALineSaysWhatIsWrongWithIt) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"1,0241234567,mtn,,,What", ""},
      {"0,0241234567,mtn,,,What", "the amount is none"},
      {"-1,0241234567,mtn,,,What", "the amount is none"},
      {"1.001,0241234567,mtn,,,What", "the amount is none"},
      {",0241234567,mtn,,,What", "the amount is none"},
      {"1,12,mtn,,,What", "the mobile money number is none"},
      {"1,0241234567,post,,,What", "there is no network \"post\""},
      {"1,,,none,1234567890,What", "there is no bank \"none\""},
      {"1,,,gcb,1,What", "the account number is none"},
      {"1,,,,,What", "neither a wallet nor an account is named"},
      {"1,0241234567,mtn,gcb,1234567890,What", "both a wallet and an account are named"},
      {"1,0241234567,mtn,,,", "the description is missing"},
      {"1", "the description is missing"},
  };
  for (const auto& [line, problem] : rows) {
    const auto lines = read("amount,mobile_wallet_number,mobile_wallet_network,bank_code,account_number,description\n" +
                            std::string(line));
    ASSERT_TRUE(lines) << line;
    const auto& found = lines->front().problem;
    EXPECT_EQ(found.has_value(), !problem.empty()) << line;
    if (found) EXPECT_TRUE(found->starts_with(problem)) << *found;
  }
}

TEST(BulkFile, AReferenceStandsInItOnce) {
  const auto lines = read(
      "amount;mobile_wallet_number;mobile_wallet_network;description;reference\n"
      "1;0241234567;mtn;What;a\n1;0241234567;mtn;What;a\n1;0241234567;mtn;What;\n1;0241234567;mtn;What;\n");
  ASSERT_TRUE(lines) << lines.error().message;
  EXPECT_FALSE((*lines)[0].problem);
  EXPECT_EQ((*lines)[1].problem, "the reference stands in the file twice");
  EXPECT_FALSE((*lines)[2].problem);
  EXPECT_FALSE((*lines)[3].problem);
}

TEST(BulkFile, AFileThatIsNoneSaysWhy) {
  const std::string many = [] {
    std::string text = "amount,mobile_wallet_number,mobile_wallet_network,description\n";
    for (std::size_t i = 0; i <= payments::bulk_lines_max; ++i) text += "1,0241234567,mtn,x\n";
    return text;
  }();
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"", "The file has no line beside the names of its columns"},
      {"amount,description\n", "The file has no line beside"},
      {"amount,sum\n1,2\n", "There is no column called \"sum\""},
      {"amount,amount\n1,2\n", "The column amount stands there twice"},
      {"description,bank_code,account_number\n1,2,3\n", "The column amount is missing"},
      {"amount,bank_code,account_number\n1,2,3\n", "The column description is missing"},
      {"amount,description,bank_code\n1,2,3\n", "The columns mobile_wallet_number and mobile_wallet_network, or"},
      {"\xFF", "The file is not UTF-8"},
      {many, "The file has more than 20000 lines"},
  };
  for (const auto& [text, why] : rows) {
    const auto lines = read(text);
    ASSERT_FALSE(lines) << text.substr(0, 60);
    EXPECT_TRUE(lines.error().message.starts_with(why)) << lines.error().message;
  }
}

}  // namespace
}  // namespace epay::processing
