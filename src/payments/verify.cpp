#include "payments/verify.h"

#include <map>

#include "ledger/ledger.h"
#include "payments/status.h"

namespace epay::payments {
namespace {

// As many sentences as a person reads; the books are wrong in any case.
constexpr std::size_t sentences_max = 1'000;

constexpr db::Sql select_merchants{"SELECT id FROM merchants ORDER BY id"};
constexpr db::Sql select_entries{"SELECT payment_id, reason, amount_minor FROM transfers WHERE merchant_id = $1"};
constexpr db::Sql select_payments{"SELECT id, kind, status, amount_minor FROM payments WHERE merchant_id = $1"};

// What the entries of one payment add up to, in minor units.
struct Sums {
  std::int64_t credited = 0, held = 0, settled = 0, released = 0;
  friend bool operator==(const Sums&, const Sums&) = default;
};

void add(Sums& sums, ledger::Reason reason, std::int64_t amount) {
  switch (reason) {
    case ledger::Reason::payment:
    case ledger::Reason::fee: sums.credited += amount; return;
    case ledger::Reason::payout_hold: sums.held += amount; return;
    case ledger::Reason::payout_settle: sums.settled += amount; return;
    case ledger::Reason::payout_release: sums.released += amount; return;
    case ledger::Reason::suspend: return;  // money of no payment
  }
}

Sums expected(PaymentKind kind, PaymentStatus status, std::int64_t amount) {
  const bool succeeded = status == PaymentStatus::succeeded;
  const bool failed = status == PaymentStatus::failed;
  if (kind == PaymentKind::payment) return {succeeded ? amount : 0, 0, 0, 0};
  return {0, amount, succeeded ? amount : 0, failed ? amount : 0};
}

std::string show(const Sums& sums) {
  return "credited " + std::to_string(sums.credited) + ", held " + std::to_string(sums.held) + ", settled " +
         std::to_string(sums.settled) + ", released " + std::to_string(sums.released);
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
      [&](const db::Row& row) { add(entries[row.integer(0)], row.as<ledger::Reason>(1), row.integer(2)); }, merchant);
  tx.query_each(
      select_payments,
      [&](const db::Row& row) {
        const auto found = entries.extract(row.integer(0));
        const Sums sums = found.empty() ? Sums{} : found.mapped();
        const Sums wanted = expected(row.as<PaymentKind>(1), row.as<PaymentStatus>(2), row.integer(3));
        if (sums == wanted) return;
        report(row.integer(0), "its status asks for (" + show(wanted) + "), its entries say (" + show(sums) + ")");
      },
      merchant);
  if (!entries.empty()) report(entries.begin()->first, "has entries, and is not there");
}

}  // namespace

std::vector<std::string> verify(db::Transaction& tx) {
  std::vector<std::string> wrong;
  const auto merchants = tx.query_all(select_merchants, [](const db::Row& row) { return row.id<MerchantId>(0); });
  for (const MerchantId merchant : merchants) verify_merchant(tx, merchant, wrong);
  return wrong;
}

}  // namespace epay::payments
