// Whose money is where, at the rail: the customers' wallets and bank accounts, and the merchant's balances. Every
// movement takes from one account what it gives to another.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/timestamp.h"
#include "emulators/state_file.h"

namespace epay::emulators {

struct Movement {
  std::int64_t id = 0;  // counted by the ledger
  Timestamp at;
  std::string from, to;  // "wallet:233240000000", "bank:300304:0123456789", "card:…0008", "merchant:collection"
  Money amount;
  std::string kind;              // "requesttopay", "transfer", "refund", "reversal", "fee", "opening", "adjustment"
  std::string order;             // what the rail knows the order by
  std::string client_reference;  // what the merchant does
};

class Ledger {
 public:
  // What an account has when it is first heard of; it comes from the account "world", which alone may fall below zero.
  using Opening = std::function<Money(std::string_view account, Currency currency)>;
  Ledger(StateFile& state, Opening opening);

  Money balance(std::string_view account, Currency currency);
  // False when `from` has less: nothing has moved then.
  bool move(Movement movement);
  // Whatever `from` has: what a rail takes back, it takes.
  void take_back(Movement movement);
  // How often and how much money moved for a reference, reversals subtracted, fees left out.
  struct Moved {
    int times = 0;
    std::int64_t minor = 0;
  };
  Moved moved_for(std::string_view client_reference) const;

  const std::vector<Movement>& movements() const { return movements_; }
  // {"accounts":[…],"movements":[…]}: of one reference where one is given.
  std::string to_json(std::string_view client_reference) const;

 private:
  using Key = std::pair<std::string, Currency>;
  std::int64_t& balance_of(std::string_view account, Currency currency);
  void apply(const Movement& movement);
  void record(Movement movement);

  StateFile& state_;
  Opening opening_;
  std::map<Key, std::int64_t> balances_;
  std::vector<Movement> movements_;
};

}  // namespace epay::emulators
