// Exact money: an integer count of minor units and a currency. Never a float.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/currency.h"
#include "base/result.h"

namespace epay {

struct Money {
  std::int64_t minor = 0;
  Currency currency = Currency::ghs();

  // The largest amount of one payment or payout, in minor units (GHS: ten thousand million).
  static constexpr std::int64_t minor_max = 1'000'000'000'000;

  // Exactly the decimal text of an amount in major units: digits, and optionally a dot and at most exponent() digits.
  // Errors: invalid (sign, exponent, blank, too many decimals, zero, above minor_max), with a message for people.
  static Result<Money> parse(std::string_view decimal, Currency currency);

  // "1", "22", "1.5", "0.05": major units without trailing zeros (webhooks, transaction objects).
  std::string to_decimal() const;
  // "1.0", "22.0", "1.5": the JSON number of charge and payout replies.
  std::string to_json_number() const;

  friend bool operator==(const Money&, const Money&) = default;
};

}  // namespace epay
