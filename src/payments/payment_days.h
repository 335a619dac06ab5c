// What ended on which day, kept in the same transaction as the outcomes: sums over days are a few rows, whatever the
// number of payments. Days are those of UTC.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>

#include "base/ids.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "payments/payment.h"

namespace epay::payments {

struct DayKey {
  Mode mode = Mode::test;
  std::int64_t day = 0;  // since 1970-01-01
  PaymentKind kind = PaymentKind::payment;
  std::string currency;
  Method method = Method::undecided;
  friend auto operator<=>(const DayKey&, const DayKey&) = default;
};

struct DayFigures {
  std::int64_t succeeded = 0;
  std::int64_t succeeded_minor = 0;
  std::int64_t fees_minor = 0;  // of the successes
  std::int64_t failed = 0;      // expired ones too
  friend bool operator==(const DayFigures&, const DayFigures&) = default;
};

// What a payment that has ended adds to its day: that of its end.
DayFigures figures_of(PaymentStatus status, std::int64_t amount_minor, std::int64_t fee_minor);

// The payment has just ended. What it was before, since some time, where that was an end too, does not count for that
// day any more: it had expired and has succeeded, or had succeeded and was reversed.
void count_end(db::Transaction& tx, const Payment& payment, PaymentStatus before, Timestamp since);

// All of a merchant's days.
std::map<DayKey, DayFigures> days_of(db::Transaction& tx, MerchantId merchant);

}  // namespace epay::payments
