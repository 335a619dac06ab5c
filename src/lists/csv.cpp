#include "lists/csv.h"

#include <utility>

namespace epay::lists {

void CsvRow::add(std::string_view field) {
  if (!std::exchange(is_first_, false)) line_ += ',';
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    line_ += field;
    return;
  }
  line_ += '"';
  for (const char c : field) {
    if (c == '"') line_ += '"';
    line_ += c;
  }
  line_ += '"';
}

CsvRow& CsvRow::text(std::string_view words) {
  constexpr std::string_view begin_formulas = "=+-@\t\r\n|";
  if (!words.empty() && begin_formulas.contains(words.front())) {
    add("'" + std::string(words));
  } else {
    add(words);
  }
  return *this;
}

CsvRow& CsvRow::value(std::string_view made) {
  add(made);
  return *this;
}

std::string CsvRow::take() {
  line_ += "\r\n";
  is_first_ = true;
  return std::exchange(line_, {});
}

std::string fixed_decimal(std::int64_t minor, const Currency& currency) {
  const bool negative = minor < 0;
  // The smallest of all has no positive.
  std::string digits = std::to_string(negative ? std::uint64_t(0) - std::uint64_t(minor) : std::uint64_t(minor));
  const auto decimals = std::size_t(currency.exponent());
  if (decimals > 0) {
    if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
    digits.insert(digits.size() - decimals, 1, '.');
  }
  return negative ? "-" + digits : digits;
}

}  // namespace epay::lists
