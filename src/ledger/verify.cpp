#include "ledger/verify.h"

#include <map>
#include <optional>
#include <tuple>
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
  Timestamp at;
  std::optional<std::int64_t> available_after;

  bool is_of_wallet() const { return debit.is_wallet() || credit.is_wallet(); }
};

// What moved in and out of a wallet on a day.
struct WalletDay {
  std::int64_t entries = 0, available_in = 0, available_out = 0, held_in = 0, held_out = 0;
  friend bool operator==(const WalletDay&, const WalletDay&) = default;
};
using WalletDays = std::map<std::tuple<std::int64_t, std::string, std::int64_t>, WalletDay>;  // mode, currency, day

std::string show(const WalletDay& day) {
  return std::to_string(day.entries) + " entries, available +" + std::to_string(day.available_in) + " -" +
         std::to_string(day.available_out) + ", held +" + std::to_string(day.held_in) + " -" +
         std::to_string(day.held_out);
}

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
    case Reason::payout_hold:
    case Reason::refund_hold: return moves(entry, AccountKind::available, AccountKind::held);
    case Reason::payout_settle:
    case Reason::refund_settle: return moves(entry, AccountKind::held, AccountKind::rail_clearing);
    case Reason::payout_release:
    case Reason::refund_release: return moves(entry, AccountKind::held, AccountKind::available);
    case Reason::payout_reversal:
    case Reason::refund_reversal: return moves(entry, AccountKind::rail_clearing, AccountKind::available);
    case Reason::outgoing_fee: return moves(entry, AccountKind::held, AccountKind::fees);
    case Reason::outgoing_fee_back: return moves(entry, AccountKind::fees, AccountKind::available);
    case Reason::suspend: return moves(entry, AccountKind::rail_clearing, AccountKind::suspense);
    case Reason::leave_suspense: return moves(entry, AccountKind::suspense, AccountKind::rail_clearing);
    case Reason::correction: return moves(entry, AccountKind::rail_clearing, AccountKind::available);
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
                Account::from_code(row.integer(3)), row.string(4), row.integer(5), row.time(6),
                row.optional_integer(7)});
        },
        merchant_);
    tx.query_each(
        store::select_days_of_wallets,
        [&](const db::Row& row) {
          stored_days_[{row.integer(0), row.string(1), row.integer(2)}] = {
              row.integer(3), row.integer(4), row.integer(5), row.integer(6), row.integer(7)};
        },
        merchant_);
    for (const auto& [key, totals] : derived_) stored_.try_emplace(key);
    for (const auto& [key, totals] : stored_) compare(key, totals);
    for (const auto& [key, day] : derived_days_) stored_days_.try_emplace(key);
    for (const auto& [key, day] : stored_days_) compare_day(key, day);
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
    take_wallet(entry);
  }

  void take_wallet(const Entry& entry) {
    if (!entry.is_of_wallet()) {
      if (entry.available_after)
        report("entry " + std::to_string(entry.id), "tells the balance of a wallet it is not of");
      return;
    }
    const auto moved = [&](const Account& account, AccountKind kind) {
      return account.kind == kind ? entry.amount : 0;
    };
    const auto mode = static_cast<std::int64_t>(entry.debit.mode);
    WalletDay& day = derived_days_[{mode, entry.currency, entry.at.day()}];
    std::int64_t& available = available_[{mode, entry.currency}];
    bool overflowed = false;
    ++day.entries;
    add(moved(entry.credit, AccountKind::available), day.available_in, overflowed);
    add(moved(entry.debit, AccountKind::available), day.available_out, overflowed);
    add(moved(entry.credit, AccountKind::held), day.held_in, overflowed);
    add(moved(entry.debit, AccountKind::held), day.held_out, overflowed);
    add(moved(entry.credit, AccountKind::available), available, overflowed);
    add(-moved(entry.debit, AccountKind::available), available, overflowed);
    if (overflowed || entry.available_after == available) return;
    report("entry " + std::to_string(entry.id),
           "tells that " + (entry.available_after ? std::to_string(*entry.available_after) : "nothing") +
               " was available after it, the entries say " + std::to_string(available));
    // Said once, not of every later entry too.
    available = entry.available_after.value_or(available);
  }

  void compare_day(const WalletDays::key_type& key, const WalletDay& stored) {
    const WalletDay& derived = derived_days_[key];
    if (stored == derived) return;
    const auto& [mode, currency, day] = key;
    const Account account{static_cast<Mode>(mode), AccountKind::available, 0};
    report("wallet " + account.name(currency) + " on " + Timestamp::start_of_day(day).to_wire().substr(0, 10),
           "the day says " + show(stored) + ", its entries " + show(derived));
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
  WalletDays stored_days_;
  WalletDays derived_days_;
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> available_;  // by mode and currency, so far
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
