// Reads comma-separated values (RFC 4180): what spreadsheets and payment rails write.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace epay {

struct CsvLine {
  int number = 0;  // in the file, from 1
  std::vector<std::string> fields;
};

inline constexpr std::size_t csv_lines_max = 1'000'000;
inline constexpr std::size_t csv_field_max = 10'000;  // bytes

// Lines that are empty are left out; a byte order mark is not part of the first. `separator` is mostly a comma. Errors:
// invalid, naming the line (a quote that is not closed, something behind a closing quote, too many lines, a field that
// is too long).
Result<std::vector<CsvLine>> read_csv(std::string_view text, char separator = ',');

}  // namespace epay
