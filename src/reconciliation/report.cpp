#include "reconciliation/report.h"

#include "ledger/ledger.h"
#include "ledger/wallet.h"

namespace epay::reconciliation {
namespace {

constexpr int entries_at_once = 1'000;
constexpr db::Sql select_entries{
    "SELECT id, reason, debit_code, credit_code, currency, amount_minor, created_at, payment_id FROM transfers "
    "WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3"};
constexpr db::Sql select_clearing{
    "SELECT currency, CAST(sum(debits_minor - credits_minor) AS BIGINT) FROM accounts WHERE code = $1 "
    "GROUP BY currency ORDER BY currency"};

using PaymentKey = std::pair<std::int64_t, std::int64_t>;  // merchant and payment
using ByCurrency = std::map<std::string, Explanation, std::less<>>;

bool is_of_order(ledger::Reason reason) {
  return reason != ledger::Reason::suspend && reason != ledger::Reason::leave_suspense &&
         reason != ledger::Reason::correction;
}

bool has_order(const FoundLine& found) {
  return found.finding != Finding::no_order && found.finding != Finding::ours_only && found.line.succeeded;
}

class Explaining {
 public:
  Explaining(db::Transaction& tx, const Statement& statement) : tx_(tx), statement_(statement) {}

  std::vector<Explanation> run() {
    for (const FoundLine& found : lines_of(tx_, statement_.id)) take(found);
    for (const MerchantId merchant : merchant_ids(tx_)) walk(merchant);
    std::vector<Explanation> all;
    for (auto& [currency, explanation] : found_) {
      explanation.currency = currency;
      all.push_back(std::move(explanation));
    }
    return all;
  }

 private:
  Explanation& of(std::string_view currency) { return found_[std::string(currency)]; }
  bool within(Timestamp at) const { return at >= statement_.since && at < statement_.until; }

  void take(const FoundLine& found) {
    Explanation& all = of(found.line.amount.currency.code());
    if (!found.resolution) all.in_suspense_minor += found.suspended_minor;
    if (found.line.fee_minor > 0) all.rail_fees.add(-found.line.fee_minor);
    const std::int64_t minor = found.line.amount.minor;
    if (found.finding == Finding::no_order) {
      if (!found.line.succeeded) return;
      if (found.line.kind == LineKind::fee)
        all.rail_fees.add(-minor);
      else
        (found.line.kind == LineKind::settlement ? all.settlements : all.others).add(-minor);
      return;
    }
    const std::int64_t theirs = has_order(found) ? signed_minor(found.line.kind, minor) : 0;
    const std::int64_t ours = signed_minor(found.line.kind, found.ours_minor.value_or(0));
    if (has_order(found)) all.theirs.add(theirs);
    if (theirs != ours) all.differences[found.finding].add(theirs - ours);
    if (!found.order || ours == 0) return;
    seen_.insert({{found.order->scope.merchant.value, found.order->payment.value}, ours});
    // An order that is doubled is counted with its first line.
    if (found.booked_at && !within(*found.booked_at)) all.booked_outside.add(ours);
  }

  // Every entry of an order on the rail's clearing account.
  void walk(MerchantId merchant) {
    std::map<std::pair<std::int64_t, std::string>, std::int64_t> moved;  // by payment and currency
    std::optional<std::int64_t> after = ledger::entry_before(tx_, merchant, statement_.since).value;
    while (after) {
      int rows = 0;
      std::int64_t last = *after;
      tx_.query_each(
          select_entries,
          [&](const db::Row& row) {
            ++rows;
            last = row.integer(0);
            const auto debit = ledger::Account::from_code(row.integer(2));
            const auto credit = ledger::Account::from_code(row.integer(3));
            if (!within(row.time(6)) || !is_of_order(row.as<ledger::Reason>(1))) return;
            const std::int64_t minor = is_clearing(debit) ? row.integer(5) : is_clearing(credit) ? -row.integer(5) : 0;
            if (minor != 0) moved[{row.integer(7), row.string(4)}] += minor;
          },
          merchant, last, entries_at_once);
      after = rows < entries_at_once ? std::nullopt : std::optional(last);
    }
    for (const auto& [key, minor] : moved) {
      Explanation& all = of(key.second);
      all.ours.add(minor);
      if (!seen_.contains({merchant.value, key.first})) all.on_other_statement.add(minor);
    }
  }

  bool is_clearing(const ledger::Account& account) const {
    return account.kind == ledger::AccountKind::rail_clearing && account.rail == statement_.rail &&
           account.mode == statement_.mode;
  }

  db::Transaction& tx_;
  const Statement& statement_;
  ByCurrency found_;
  std::map<PaymentKey, std::int64_t> seen_;
};

}  // namespace

std::int64_t Explanation::unexplained_minor() const {
  std::int64_t differing = 0;
  for (const auto& [finding, sum] : differences) differing += sum.minor;
  return ours.minor - (theirs.minor - differing - booked_outside.minor + on_other_statement.minor);
}

std::vector<Explanation> explain(db::Transaction& tx, const Statement& statement) {
  return Explaining(tx, statement).run();
}

std::vector<Clearing> clearing_of(db::Transaction& tx, std::int64_t rail, Mode mode) {
  const ledger::Account account{mode, ledger::AccountKind::rail_clearing, rail};
  return tx.query_all(
      select_clearing, [](const db::Row& row) { return Clearing{row.string(0), row.integer(1)}; }, account.code());
}

}  // namespace epay::reconciliation
