#include "ledger/verify.h"

#include <map>
#include <utility>

#include "ledger/ledger.h"
#include "ledger/ledger_store.h"

namespace epay::ledger {
namespace {

struct Totals {
  std::int64_t debits = 0, credits = 0;
  bool overflowed = false;
  friend bool operator==(const Totals&, const Totals&) = default;
};

using Key = std::pair<std::int64_t, std::string>;  // account code, currency
using Accounts = std::map<Key, Totals>;

struct Entry {
  std::int64_t id;
  Reason reason;
  Account debit, credit;
  std::string currency;
  std::int64_t amount;
};

std::string show(const Totals& totals) {
  if (totals.overflowed) return "more than a balance can hold";
  return "debits " + std::to_string(totals.debits) + ", credits " + std::to_string(totals.credits);
}

bool moves(const Entry& entry, AccountKind from, AccountKind to) {
  return entry.debit.kind == from && entry.credit.kind == to;
}

bool reason_allows(const Entry& entry) {
  switch (entry.reason) {
    case Reason::payment: return moves(entry, AccountKind::rail_clearing, AccountKind::available);
    case Reason::fee: return moves(entry, AccountKind::rail_clearing, AccountKind::fees);
    case Reason::payout_hold: return moves(entry, AccountKind::available, AccountKind::held);
    case Reason::payout_settle: return moves(entry, AccountKind::held, AccountKind::rail_clearing);
    case Reason::payout_release: return moves(entry, AccountKind::held, AccountKind::available);
    case Reason::suspend: return moves(entry, AccountKind::rail_clearing, AccountKind::suspense);
  }
  return false;
}

bool is_right(const Entry& entry) {
  return entry.amount > 0 && entry.debit.is_valid() && entry.credit.is_valid() &&
         entry.debit.mode == entry.credit.mode && Currency::parse(entry.currency) && reason_allows(entry);
}

void add(std::int64_t amount, std::int64_t& total, bool& overflowed) {
  if (__builtin_add_overflow(total, amount, &total)) overflowed = true;
}

// Checks one merchant's books.
class Audit {
 public:
  Audit(std::int64_t merchant, std::vector<std::string>& differences)
      : merchant_(merchant), differences_(differences) {}

  void run(db::Transaction& tx) {
    tx.query_each(
        store::select_accounts,
        [&](const db::Row& row) { stored_[{row.integer(0), row.string(1)}] = {row.integer(2), row.integer(3)}; },
        merchant_);
    tx.query_each(
        store::select_transfers,
        [&](const db::Row& row) {
          take({row.integer(0), row.as<Reason>(1), Account::from_code(row.integer(2)),
                Account::from_code(row.integer(3)), row.string(4), row.integer(5)});
        },
        merchant_);
    for (const auto& [key, totals] : derived_) stored_.try_emplace(key);
    for (const auto& [key, totals] : stored_) compare(key, totals);
  }

 private:
  void take(const Entry& entry) {
    if (!is_right(entry)) {
      report("entry " + std::to_string(entry.id),
             "moves " + std::to_string(entry.amount) + " from " + entry.debit.name(entry.currency) + " to " +
                 entry.credit.name(entry.currency) + ", which its reason (" +
                 std::to_string(static_cast<std::int64_t>(entry.reason)) + ") does not allow");
    }
    Totals& debit = derived_[{entry.debit.code(), entry.currency}];
    add(entry.amount, debit.debits, debit.overflowed);
    Totals& credit = derived_[{entry.credit.code(), entry.currency}];
    add(entry.amount, credit.credits, credit.overflowed);
  }

  void compare(const Key& key, const Totals& stored) {
    const Account account = Account::from_code(key.first);
    const Totals& derived = derived_[key];
    const std::string subject = "account " + account.name(key.second);
    if (stored != derived) {
      report(subject, "the books say " + show(stored) + " (minor units), its entries add up to " + show(derived));
    }
    if (account.is_wallet() && stored.credits < stored.debits) report(subject, "is below zero: " + show(stored));
  }

  void report(const std::string& subject, const std::string& finding) {
    if (differences_.size() >= differences_max) return;
    differences_.push_back("merchant " + std::to_string(merchant_) + ", " + subject + ": " + finding);
  }

  std::int64_t merchant_;
  std::vector<std::string>& differences_;
  Accounts stored_;
  Accounts derived_;
};

}  // namespace

std::vector<std::string> verify(db::Transaction& tx) {
  std::vector<std::string> differences;
  const auto next_after = [&](std::int64_t merchant) {
    return tx
        .query_one(
            store::select_next_merchant, [](const db::Row& row) { return row.optional_integer(0); }, merchant)
        .value_or(std::nullopt);
  };
  for (auto merchant = next_after(INT64_MIN); merchant && differences.size() < differences_max;
       merchant = next_after(*merchant)) {
    Audit(*merchant, differences).run(tx);
  }
  return differences;
}

}  // namespace epay::ledger
