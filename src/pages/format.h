// Money, counts and moments as people of a language write them.
#pragma once

#include <string>

#include "base/money.h"
#include "base/timestamp.h"
#include "pages/texts.h"

namespace epay::pages {

// "GHS 1,250.50", in French "1 250,50 GHS": with all decimals of the currency and no-break spaces.
std::string format_money(const Money& amount, const Texts& texts);
// "1,234,567"
std::string format_count(std::int64_t count, const Texts& texts);
// "25 Nov 2026", and "25 Nov 2026, 14:05 UTC"
std::string format_date(Timestamp time, const Texts& texts);
std::string format_time(Timestamp time, const Texts& texts);

}  // namespace epay::pages
