// What Home and charts show: a merchant's days, from payment_days: a few rows, whatever the number of payments.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "db/database.h"
#include "payments/payment_days.h"

namespace epay::lists {

// Money taken, in one currency.
struct DayRevenue {
  std::int64_t day = 0;  // since 1970-01-01, UTC
  std::string currency;
  payments::DayFigures momo, card, all;
};

struct DayRange {
  std::int64_t first = 0, last = 0;  // both included
};

// Of payments (not of payouts), the oldest day first and by currency; days on which nothing ended are not there.
std::vector<DayRevenue> revenue_by_day(db::Transaction& tx, Scope scope, DayRange days);

// The sums of those days that are in the range and of that currency.
payments::DayFigures sum_of(const std::vector<DayRevenue>& days, const std::string& currency, DayRange range);
// Of all currencies together: the counts alone mean something.
payments::DayFigures counts_of(const std::vector<DayRevenue>& days, DayRange range);

}  // namespace epay::lists
