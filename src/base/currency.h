// ISO 4217 currencies: the three-letter code and how many decimals its amounts have.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace epay {

class Currency {
 public:
  // An active ISO 4217 code, in upper case; nothing for any other text.
  static std::optional<Currency> parse(std::string_view code);
  static Currency ghs();

  std::string_view code() const { return {code_.data(), code_.size()}; }
  // Decimals of an amount: GHS 2, JPY 0, BHD 3.
  int exponent() const { return exponent_; }

  friend auto operator<=>(const Currency&, const Currency&) = default;

 private:
  Currency(std::array<char, 3> code, std::int8_t exponent) : code_(code), exponent_(exponent) {}
  std::array<char, 3> code_;
  std::int8_t exponent_;
};

}  // namespace epay
