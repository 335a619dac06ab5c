#include "base/money.h"

#include "base/check.h"

namespace epay {
namespace {

constexpr std::size_t digits_max = 18;  // more cannot be below minor_max, and int64 holds them

bool all_digits(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

}  // namespace

Result<Money> Money::parse(std::string_view decimal, Currency currency) {
  const std::size_t dot = decimal.find('.');
  std::string_view whole = decimal.substr(0, dot);
  const std::string_view fraction = dot == std::string_view::npos ? std::string_view() : decimal.substr(dot + 1);
  const bool fraction_missing = dot != std::string_view::npos && fraction.empty();
  if (whole.empty() || fraction_missing || !all_digits(whole) || !all_digits(fraction)) {
    return fail(ErrorCode::invalid, "must be a plain decimal number such as 10 or 10.50");
  }
  const auto exponent = static_cast<std::size_t>(currency.exponent());
  if (fraction.size() > exponent) {
    return fail(ErrorCode::invalid, "has " + std::to_string(fraction.size()) + " decimals, and " +
                                        std::string(currency.code()) + " amounts have at most " +
                                        std::to_string(exponent));
  }
  while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
  const Money largest{minor_max, currency};
  const auto too_large = [&] { return fail(ErrorCode::invalid, "is above the limit of " + largest.to_decimal()); };
  if (whole.size() + exponent > digits_max) return too_large();

  std::int64_t minor = 0;
  for (char digit : whole) minor = minor * 10 + (digit - '0');
  for (std::size_t i = 0; i < exponent; ++i) minor = minor * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  if (minor == 0) return fail(ErrorCode::invalid, "must be greater than zero");
  if (minor > minor_max) return too_large();
  return Money{minor, currency};
}

std::string Money::to_decimal() const {
  EPAY_CHECK(minor >= 0);
  const auto exponent = static_cast<std::size_t>(currency.exponent());
  std::string digits = std::to_string(minor);
  if (exponent == 0) return digits;
  if (digits.size() <= exponent) digits.insert(0, exponent + 1 - digits.size(), '0');
  digits.insert(digits.size() - exponent, 1, '.');
  while (digits.back() == '0') digits.pop_back();
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

std::string Money::to_json_number() const {
  std::string text = to_decimal();
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

}  // namespace epay
