#include "ledger/verify.h"

#include <map>
#include <tuple>

#include "ledger/ledger.h"
#include "ledger/ledger_store.h"

namespace epay::ledger {
namespace {

using Key = std::tuple<std::int64_t, std::int64_t, std::string>;  // merchant, account code, currency

struct Sums {
  std::int64_t debits = 0, credits = 0;
  friend bool operator==(const Sums&, const Sums&) = default;
};

std::string title(const Key& key) {
  const auto& [merchant, code, currency] = key;
  return "merchant " + std::to_string(merchant) + ", account " + Account::from_code(code).name() + " in " + currency;
}

std::string show(const Sums& sums) {
  return "debits " + std::to_string(sums.debits) + ", credits " + std::to_string(sums.credits);
}

Key key_of(const db::Row& row) { return {row.integer(0), row.integer(1), row.string(2)}; }

}  // namespace

std::vector<std::string> verify(db::Transaction& tx) {
  std::map<Key, Sums> stored;
  std::map<Key, Sums> derived;
  tx.query_each(store::select_accounts, [&](const db::Row& row) { stored[key_of(row)] = {row.integer(3), row.integer(4)}; });
  tx.query_each(store::sum_debits, [&](const db::Row& row) { derived[key_of(row)].debits = row.integer(3); });
  tx.query_each(store::sum_credits, [&](const db::Row& row) { derived[key_of(row)].credits = row.integer(3); });

  std::vector<std::string> wrong;
  for (const auto& [key, sums] : derived) stored.try_emplace(key);
  for (const auto& [key, sums] : stored) {
    const Sums entries = derived[key];
    if (sums != entries) {
      wrong.push_back(title(key) + ": the account says " + show(sums) + " (minor units), its entries add up to " +
                      show(entries));
    }
    const AccountKind kind = Account::from_code(std::get<1>(key)).kind;
    const bool wallet = kind == AccountKind::available || kind == AccountKind::held;
    if (wallet && sums.credits < sums.debits) wrong.push_back(title(key) + ": is below zero (" + show(sums) + ")");
  }
  return wrong;
}

}  // namespace epay::ledger
