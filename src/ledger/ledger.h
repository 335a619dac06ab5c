// The books: double entry. A transfer moves one amount from one account to another, so an unbalanced entry cannot be
// written down. Entries are immutable; a correction is a new transfer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
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

// Every account is a merchant's, also a rail's clearing account: all of a payment's rows lie together, and no row is
// hot across merchants. A rail's whole position is the sum over merchants.
struct Account {
  Mode mode = Mode::test;
  AccountKind kind = AccountKind::available;
  std::int64_t rail = 0;  // of rail_clearing; otherwise 0

  static constexpr std::int64_t rail_max = 9'999;

  // One number for a column: stored, never renumber.
  constexpr std::int64_t code() const {
    return static_cast<std::int64_t>(mode) * 1'000'000 + static_cast<std::int64_t>(kind) * 10'000 + rail;
  }
  // Whatever the number, so that a damaged one can be shown: see is_valid().
  static constexpr Account from_code(std::int64_t code) {
    return {static_cast<Mode>(code / 1'000'000), static_cast<AccountKind>(code / 10'000 % 100), code % 10'000};
  }
  // A mode and a kind that exist, and a rail where there must be one.
  bool is_valid() const;
  // Of the merchant's wallet: its credits are never below its debits.
  bool is_wallet() const { return kind == AccountKind::available || kind == AccountKind::held; }
  // For people: "test:GHS:available", "live:GHS:clearing:rail 1".
  std::string name(std::string_view currency) const;
  friend bool operator==(const Account&, const Account&) = default;
};

enum class Reason : std::int64_t {
  payment = 1,         // clearing -> available
  fee = 2,             // clearing -> fees
  payout_hold = 3,     // available -> held
  payout_settle = 4,   // held -> clearing
  payout_release = 5,  // held -> available
  suspend = 6,         // clearing -> suspense
  // A refund is money on its way out too; entries tell it from a payout.
  refund_hold = 7,         // available -> held
  refund_settle = 8,       // held -> clearing
  refund_release = 9,      // held -> available
  payout_reversal = 10,    // clearing -> available: it had been sent, and has come back
  refund_reversal = 11,    // clearing -> available
  outgoing_fee = 12,       // held -> fees: what a payout or refund costs its merchant
  outgoing_fee_back = 13,  // fees -> available: of one that came back
  // What a person decides when a rail's statement has been held against the books.
  leave_suspense = 20,  // suspense -> clearing: the rail has it again, or never had it
  correction = 21,      // clearing -> available
};

struct Transfer {
  MerchantId merchant;
  PaymentId payment;  // that it belongs to
  Reason reason = Reason::payment;
  Account debit, credit;
  Money amount;
};

// Writes the entry and both balances. Errors: insufficient_funds (a wallet account would go below zero), found before
// anything was written; conflict (an account's total would pass int64: never with Money::minor_max unless something is
// very wrong), which may leave the other account changed, so that the body must answer an error too.
Result<> post(db::Transaction& tx, const Transfer& transfer, Timestamp now);

// Whether the merchant's accounts in this currency have room for every payment that may be open: asked before money is
// asked for, so that what a rail has moved can always be posted.
using FullAccount = db::Later<std::optional<std::int64_t>>;
FullAccount ask_for_room(db::Transaction& tx, MerchantId merchant, const Currency& currency);
// Error: conflict.
Result<> check_room(FullAccount full, const Currency& currency);

// A success: the rail owes us, the merchant owns it, less the fee.
Result<> credit_wallet(db::Transaction& tx, Scope scope, PaymentId payment, std::int64_t rail, const Money& amount,
                       std::int64_t fee_minor, Timestamp now);
// Money on its way out of the wallet.
enum class Outgoing { payout, refund };
struct Withdrawal {
  Outgoing kind = Outgoing::payout;
  Scope scope;
  PaymentId payment;  // the payout or the refund
  Money amount;
  std::int64_t fee_minor = 0;  // on top of it
};
// Step by step: held first, with its fee; then settled on a definite success, or released on a definite failure only.
// What had been settled and came back is put back, its fee too: nothing was delivered.
Result<> hold(db::Transaction& tx, const Withdrawal& withdrawal, Timestamp now);
Result<> settle(db::Transaction& tx, const Withdrawal& withdrawal, std::int64_t rail, Timestamp now);
Result<> release(db::Transaction& tx, const Withdrawal& withdrawal, Timestamp now);
Result<> put_back(db::Transaction& tx, const Withdrawal& withdrawal, std::int64_t rail, Timestamp now);
// Money that the rail reports and nobody asked for in this amount.
Result<> suspend(db::Transaction& tx, Scope scope, PaymentId payment, std::int64_t rail, const Money& amount,
                 Timestamp now);

// Such money goes back to the rail's account; and what turns out to be a merchant's goes to the wallet.
Result<> leave_suspense(db::Transaction& tx, Scope scope, PaymentId payment, std::int64_t rail, const Money& amount,
                        Timestamp now);
Result<> correct(db::Transaction& tx, Scope scope, PaymentId payment, std::int64_t rail, const Money& amount,
                 Timestamp now);

// Of one currency.
struct Balance {
  std::string currency;
  std::int64_t available_minor = 0;
  std::int64_t held_minor = 0;
};
// The merchant's wallet, by currency.
std::vector<Balance> balances(db::Transaction& tx, Scope scope);

}  // namespace epay::ledger
