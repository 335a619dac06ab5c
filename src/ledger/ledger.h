// The books: double entry. A transfer moves one amount from one account to another, so an unbalanced entry cannot be written
// down. Entries are immutable; a correction is a new transfer.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/money.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "db/database.h"

namespace epay::ledger {

enum class AccountKind : std::int64_t {
  rail_clearing = 1,  // what a rail owes the merchant's side of us; grows by debits
  available = 2,      // the merchant's wallet; grows by credits, never below zero
  held = 3,           // of the wallet, on its way out; grows by credits, never below zero
  fees = 4,           // what we earned; grows by credits
  suspense = 5,       // money that arrived and is nobody's yet; grows by credits
};

// Every account is a merchant's, also a rail's clearing account: all of a payment's rows lie together, and no row is hot
// across merchants. A rail's whole position is the sum over merchants.
struct Account {
  Mode mode = Mode::test;
  AccountKind kind = AccountKind::available;
  std::int64_t rail = 0;  // of rail_clearing; otherwise 0

  // One number for a column: stored, never renumber.
  constexpr std::int64_t code() const {
    return static_cast<std::int64_t>(mode) * 1'000'000 + static_cast<std::int64_t>(kind) * 10'000 + rail;
  }
  static Account from_code(std::int64_t code);
  std::string name() const;  // "test:available", "live:rail_clearing:1"
  friend bool operator==(const Account&, const Account&) = default;
};

enum class Reason : std::int64_t { payment = 1, fee = 2, payout_hold = 3, payout_settle = 4, payout_release = 5, suspend = 6 };

struct Transfer {
  MerchantId merchant;
  PaymentId payment;  // that it belongs to
  Reason reason = Reason::payment;
  Account debit, credit;
  Money amount;
};

// Writes the entry and both balances. Error: insufficient_funds (a wallet account would go below zero), found before anything
// was written.
Result<> post(db::Transaction& tx, const Transfer& transfer, Timestamp now);

// A success: the rail owes us, the merchant owns it, less the fee.
Result<> credit_wallet(db::Transaction& tx, Scope scope, PaymentId payment, std::int64_t rail, const Money& amount,
                       std::int64_t fee_minor, Timestamp now);
// A payout, step by step: held first; then settled on a definite success, or released on a definite failure only.
Result<> hold(db::Transaction& tx, Scope scope, PaymentId payout, const Money& amount, Timestamp now);
Result<> settle(db::Transaction& tx, Scope scope, PaymentId payout, std::int64_t rail, const Money& amount, Timestamp now);
Result<> release(db::Transaction& tx, Scope scope, PaymentId payout, const Money& amount, Timestamp now);
// Money that the rail reports and nobody asked for in this amount.
Result<> suspend(db::Transaction& tx, Scope scope, PaymentId payment, std::int64_t rail, const Money& amount, Timestamp now);

struct Balance {
  std::string currency;
  std::int64_t available_minor = 0;
  std::int64_t held_minor = 0;
};
std::vector<Balance> balances(db::Transaction& tx, Scope scope);

}  // namespace epay::ledger
