// Months, as statements are made of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pages/texts.h"

namespace epay::pages::money {

struct Month {
  int year = 1970;
  unsigned month = 1;  // from 1
};

Month month_of(std::int64_t day);  // day: since 1970-01-01
Month before(Month month);
std::int64_t first_day_of(Month month);
std::int64_t last_day_of(Month month);
// "2026-11", in addresses; nothing for what is no month.
std::string show(Month month);
std::optional<Month> parse_month(std::string_view text);
// "November 2026"
std::string month_text(Month month, const Texts& texts);

}  // namespace epay::pages::money
