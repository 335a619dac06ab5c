#include "payments/verify.h"

#include <map>

#include "ledger/ledger.h"
#include "payments/payment_days.h"
#include "payments/status.h"

namespace epay::payments {
namespace {

// As many sentences as a person reads; the books are wrong in any case.
constexpr std::size_t sentences_max = 1'000;

constexpr db::Sql select_merchants{"SELECT id FROM merchants ORDER BY id"};
constexpr db::Sql select_entries{"SELECT payment_id, reason, amount_minor FROM transfers WHERE merchant_id = $1"};
constexpr db::Sql select_payments{
    "SELECT id, kind, status, amount_minor, mode, currency, method, fee_minor, updated_at, refund_of, refunded_minor, "
    "fee_bearer "
    "FROM payments WHERE merchant_id = $1"};

// What entries of money on its way out add up to, in minor units.
struct Outgoing {
  std::int64_t held = 0, settled = 0, released = 0, put_back = 0;
  friend bool operator==(const Outgoing&, const Outgoing&) = default;
};

// The same of all entries of one payment.
struct Sums {
  std::int64_t credited = 0, fee = 0, fee_back = 0;
  Outgoing payout, refund;
  friend bool operator==(const Sums&, const Sums&) = default;
};

void add(Sums& sums, ledger::Reason reason, std::int64_t amount) {
  switch (reason) {
    case ledger::Reason::payment: sums.credited += amount; return;
    case ledger::Reason::fee:
    case ledger::Reason::outgoing_fee: sums.fee += amount; return;
    case ledger::Reason::outgoing_fee_back: sums.fee_back += amount; return;
    case ledger::Reason::payout_hold: sums.payout.held += amount; return;
    case ledger::Reason::payout_settle: sums.payout.settled += amount; return;
    case ledger::Reason::payout_release: sums.payout.released += amount; return;
    case ledger::Reason::payout_reversal: sums.payout.put_back += amount; return;
    case ledger::Reason::refund_hold: sums.refund.held += amount; return;
    case ledger::Reason::refund_settle: sums.refund.settled += amount; return;
    case ledger::Reason::refund_release: sums.refund.released += amount; return;
    case ledger::Reason::refund_reversal: sums.refund.put_back += amount; return;
    case ledger::Reason::suspend:
    case ledger::Reason::leave_suspense:
    case ledger::Reason::correction: return;
  }
}

// Money that reconciliation has moved, perhaps of no payment at all.
bool is_beside(ledger::Reason reason) {
  return reason == ledger::Reason::suspend || reason == ledger::Reason::leave_suspense ||
         reason == ledger::Reason::correction;
}

struct Booked {
  PaymentKind kind;
  PaymentStatus status;
  std::int64_t amount, fee;
  FeeBearer bearer;
};

Outgoing expected_outgoing(const Booked& row) {
  const bool reversed = row.status == PaymentStatus::reversed;
  const bool sent = row.status == PaymentStatus::succeeded || reversed;
  return {.held = row.amount + row.fee,
          .settled = sent ? row.amount : 0,
          .released = row.status == PaymentStatus::failed ? row.amount + row.fee : 0,
          .put_back = reversed ? row.amount : 0};
}

Sums expected(const Booked& row) {
  const bool reversed = row.status == PaymentStatus::reversed;
  const bool succeeded = row.status == PaymentStatus::succeeded;
  Sums sums{.fee = succeeded || reversed ? row.fee : 0, .fee_back = reversed ? row.fee : 0};
  switch (row.kind) {
    case PaymentKind::payment:
      if (succeeded) sums.credited = row.amount - (row.bearer == FeeBearer::merchant ? row.fee : 0);
      break;
    case PaymentKind::payout: sums.payout = expected_outgoing(row); break;
    case PaymentKind::refund: sums.refund = expected_outgoing(row); break;
  }
  return sums;
}

std::string show(const Outgoing& sums) {
  return "held " + std::to_string(sums.held) + ", settled " + std::to_string(sums.settled) + ", released " +
         std::to_string(sums.released) + ", put back " + std::to_string(sums.put_back);
}

std::string show(const Sums& sums) {
  std::string text =
      "credited " + std::to_string(sums.credited) + ", fee " + std::to_string(sums.fee) + ", " + show(sums.payout);
  if (sums.fee_back != 0) text += ", fee back " + std::to_string(sums.fee_back);
  if (sums.refund != Outgoing()) text += "; of a refund: " + show(sums.refund);
  return text;
}

// What each payment says of its refunds, and what they say.
struct Refunds {
  std::map<std::int64_t, std::int64_t> reserved, asked_for;

  void add(const db::Row& row) {
    const auto kind = row.as<PaymentKind>(1);
    const auto status = row.as<PaymentStatus>(2);
    if (row.integer(10) != 0) reserved[row.integer(0)] = row.integer(10);
    const bool given_up = status == PaymentStatus::failed || status == PaymentStatus::reversed;
    if (kind == PaymentKind::refund && !given_up) asked_for[row.optional_integer(9).value_or(0)] += row.integer(3);
  }
};

using Days = std::map<DayKey, DayFigures>;

void add_to_day(Days& days, const db::Row& row) {
  const auto status = row.as<PaymentStatus>(2);
  const DayFigures added = figures_of(status, row.integer(3), row.integer(7));
  if (added == DayFigures()) return;
  DayFigures& day =
      days[{row.as<Mode>(4), row.time(8).day(), row.as<PaymentKind>(1), row.string(5), row.as<Method>(6)}];
  day.succeeded += added.succeeded;
  day.succeeded_minor += added.succeeded_minor;
  day.fees_minor += added.fees_minor;
  day.failed += added.failed;
}

std::string show(const DayFigures& day) {
  return std::to_string(day.succeeded) + " successes of " + std::to_string(day.succeeded_minor) + " with fees of " +
         std::to_string(day.fees_minor) + ", " + std::to_string(day.failed) + " failures";
}

void compare_days(db::Transaction& tx, MerchantId merchant, Days derived, std::vector<std::string>& wrong) {
  Days stored = days_of(tx, merchant);
  for (const auto& [key, day] : derived) stored.try_emplace(key);
  for (const auto& [key, day] : stored) {
    if (day == derived[key] || wrong.size() >= sentences_max) continue;
    wrong.push_back("merchant " + std::to_string(merchant.value) + ", " + std::string(name_of(key.kind)) + "s in " +
                    key.currency + " on " + Timestamp::start_of_day(key.day).to_wire().substr(0, 10) +
                    ": the day says " + show(day) + ", its payments " + show(derived[key]));
  }
}

void verify_merchant(db::Transaction& tx, MerchantId merchant, std::vector<std::string>& wrong) {
  const auto report = [&](std::int64_t payment, const std::string& what) {
    if (wrong.size() < sentences_max) {
      wrong.push_back("merchant " + std::to_string(merchant.value) + ", payment " + std::to_string(payment) + ": " +
                      what);
    }
  };
  std::map<std::int64_t, Sums> entries;
  tx.query_each(
      select_entries,
      [&](const db::Row& row) {
        const auto reason = row.as<ledger::Reason>(1);
        if (!is_beside(reason)) add(entries[row.integer(0)], reason, row.integer(2));
      },
      merchant);
  Days days;
  Refunds refunds;
  tx.query_each(
      select_payments,
      [&](const db::Row& row) {
        add_to_day(days, row);
        refunds.add(row);
        if (row.integer(10) > row.integer(3)) report(row.integer(0), "more of it is refunded than was paid");
        if ((row.as<PaymentKind>(1) == PaymentKind::refund) == row.is_null(9))
          report(row.integer(0), "is a refund of nothing, or no refund");
        const auto found = entries.extract(row.integer(0));
        const Sums sums = found.empty() ? Sums{} : found.mapped();
        const Sums wanted = expected(
            {row.as<PaymentKind>(1), row.as<PaymentStatus>(2), row.integer(3), row.integer(7), row.as<FeeBearer>(11)});
        if (sums == wanted) return;
        report(row.integer(0), "its status asks for (" + show(wanted) + "), its entries say (" + show(sums) + ")");
      },
      merchant);
  for (const auto& [payment, minor] : refunds.reserved) refunds.asked_for.try_emplace(payment, 0);
  for (const auto& [payment, minor] : refunds.asked_for) {
    if (minor == refunds.reserved[payment]) continue;
    report(payment, "says that " + std::to_string(refunds.reserved[payment]) + " of it is refunded, its refunds " +
                        std::to_string(minor));
  }
  if (!entries.empty()) report(entries.begin()->first, "has entries, and is not there");
  compare_days(tx, merchant, std::move(days), wrong);
}

}  // namespace

std::vector<std::string> verify(db::Transaction& tx) {
  std::vector<std::string> wrong;
  const auto merchants = tx.query_all(select_merchants, [](const db::Row& row) { return row.id<MerchantId>(0); });
  for (const MerchantId merchant : merchants) verify_merchant(tx, merchant, wrong);
  return wrong;
}

}  // namespace epay::payments
