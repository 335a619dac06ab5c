#include "lists/csv.h"

#include <gtest/gtest.h>

namespace epay::lists {
namespace {

TEST(Csv, QuotesWhatNeedsIt) {
  CsvRow row;
  EXPECT_EQ(row.text("plain").text("").text("a,b").text("say \"hi\"").text("two\r\nlines").value(7).take(),
            "plain,,\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\",7\r\n");
  EXPECT_EQ(row.value("again").take(), "again\r\n");
}

TEST(Csv, RunsNoFormula) {
  for (const char* formula : {"=1+1", "+233240000000", "-2", "@SUM(A1)", "|cmd", "\t=1"}) {
    const std::string line = CsvRow().text(formula).take();
    EXPECT_EQ(line, "'" + std::string(formula) + "\r\n");
  }
  // In quotes, where it must be quoted: a spreadsheet takes them away first.
  EXPECT_EQ(CsvRow().text("=HYPERLINK(\"x\",1)").take(), "\"'=HYPERLINK(\"\"x\"\",1)\"\r\n");
  EXPECT_EQ(CsvRow().text("\n=1").take(), "\"'\n=1\"\r\n");
  EXPECT_EQ(CsvRow().value("-12.50").take(), "-12.50\r\n");
}

TEST(Csv, AmountsHaveAllTheirDecimals) {
  const auto ghs = Currency::ghs();
  EXPECT_EQ(fixed_decimal(0, ghs), "0.00");
  EXPECT_EQ(fixed_decimal(5, ghs), "0.05");
  EXPECT_EQ(fixed_decimal(-5, ghs), "-0.05");
  EXPECT_EQ(fixed_decimal(123'456, ghs), "1234.56");
  EXPECT_EQ(fixed_decimal(123, *Currency::parse("JPY")), "123");
  EXPECT_EQ(fixed_decimal(1, *Currency::parse("BHD")), "0.001");
  EXPECT_EQ(fixed_decimal(INT64_MIN, ghs), "-92233720368547758.08");
}

}  // namespace
}  // namespace epay::lists
