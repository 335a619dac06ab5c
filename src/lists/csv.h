// Comma-separated values as RFC 4180 has them, for spreadsheets too: docs/decisions/csv-for-spreadsheets.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/currency.h"

namespace epay::lists {

// Spreadsheets take a file for UTF-8 only when it begins so.
inline constexpr std::string_view csv_byte_order_mark = "\xEF\xBB\xBF";

class CsvRow {
 public:
  // Somebody's words. What a spreadsheet would run as a formula gets an apostrophe before it.
  CsvRow& text(std::string_view words);
  // What we made ourselves: numbers, times, codes.
  CsvRow& value(std::string_view made);
  CsvRow& value(std::int64_t number) { return value(std::to_string(number)); }

  // The line, ended; the row is empty again.
  std::string take();

 private:
  void add(std::string_view field);
  std::string line_;
  bool is_first_ = true;
};

// "-12.50": with all decimals of the currency, for machines.
std::string fixed_decimal(std::int64_t minor, const Currency& currency);

}  // namespace epay::lists
