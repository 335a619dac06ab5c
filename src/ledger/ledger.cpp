#include "ledger/ledger.h"

#include "base/check.h"
#include "ledger/ledger_store.h"

namespace epay::ledger {
namespace {

std::string name_of(AccountKind kind) {
  switch (kind) {
    case AccountKind::rail_clearing: return "clearing";
    case AccountKind::available: return "available";
    case AccountKind::held: return "held";
    case AccountKind::fees: return "fees";
    case AccountKind::suspense: return "suspense";
  }
  return "kind " + std::to_string(static_cast<std::int64_t>(kind));
}

std::string name_of(Mode mode) {
  switch (mode) {
    case Mode::test: return "test";
    case Mode::live: return "live";
  }
  return "mode " + std::to_string(static_cast<std::int64_t>(mode));
}

Account clearing(Scope scope, std::int64_t rail) { return {scope.mode, AccountKind::rail_clearing, rail}; }
Account wallet(Scope scope) { return {scope.mode, AccountKind::available, 0}; }
Account held(Scope scope) { return {scope.mode, AccountKind::held, 0}; }
Account fees(Scope scope) { return {scope.mode, AccountKind::fees, 0}; }

void count_day(db::Transaction& tx, const Transfer& transfer, Timestamp now) {
  const auto moved = [&](const Account& account, AccountKind kind) {
    return account.kind == kind ? transfer.amount.minor : 0;
  };
  tx.execute(store::count_wallet_day, transfer.merchant, transfer.debit.mode, transfer.amount.currency.code(),
             now.day(), moved(transfer.credit, AccountKind::available), moved(transfer.debit, AccountKind::available),
             moved(transfer.credit, AccountKind::held), moved(transfer.debit, AccountKind::held));
}

Reason reason_of(Outgoing kind, Reason of_payout, Reason of_refund) {
  switch (kind) {
    case Outgoing::payout: return of_payout;
    case Outgoing::refund: return of_refund;
  }
  return of_payout;
}

// Moves the amount, or the amount and its fee.
enum class Moved { amount, amount_and_fee };
Result<> move(db::Transaction& tx, const Withdrawal& withdrawal, Moved what, Reason reason, Account from, Account to,
              Timestamp now) {
  Money moved = withdrawal.amount;
  if (what == Moved::amount_and_fee) moved.minor += withdrawal.fee_minor;
  return post(tx, {withdrawal.scope.merchant, withdrawal.payment, reason, from, to, moved}, now);
}

Result<> move_fee(db::Transaction& tx, const Withdrawal& withdrawal, Reason reason, Account from, Account to,
                  Timestamp now) {
  if (withdrawal.fee_minor == 0) return {};
  const Money fee{withdrawal.fee_minor, withdrawal.amount.currency};
  return post(tx, {withdrawal.scope.merchant, withdrawal.payment, reason, from, to, fee}, now);
}

}  // namespace

bool Account::is_valid() const {
  if (mode != Mode::test && mode != Mode::live) return false;
  switch (kind) {
    case AccountKind::rail_clearing: return rail > 0 && rail <= rail_max;
    case AccountKind::available:
    case AccountKind::held:
    case AccountKind::fees:
    case AccountKind::suspense: return rail == 0;
  }
  return false;
}

std::string Account::name(std::string_view currency) const {
  std::string text = name_of(mode) + ":";
  text += currency;
  text += ":" + name_of(kind);
  if (rail != 0) text += ":rail " + std::to_string(rail);
  return text;
}

Result<> post(db::Transaction& tx, const Transfer& transfer, Timestamp now) {
  EPAY_CHECK(transfer.amount.minor > 0);
  EPAY_CHECK(transfer.debit.is_valid());
  EPAY_CHECK(transfer.credit.is_valid());
  EPAY_CHECK(transfer.debit != transfer.credit);
  EPAY_CHECK(transfer.debit.mode == transfer.credit.mode);
  const auto currency = transfer.amount.currency.code();
  const bool from_wallet = transfer.debit.is_wallet();
  const db::Changes debited = tx.execute(from_wallet ? store::debit_wallet : store::debit_account, transfer.merchant,
                                         transfer.debit.code(), currency, transfer.amount.minor);
  // Not to be covered is an ordinary answer: nothing has been changed when it is given.
  if (from_wallet && debited == 0)
    return fail(ErrorCode::insufficient_funds, "The balance available does not cover this amount");
  const db::Changes credited =
      tx.execute(store::credit_account, transfer.merchant, transfer.credit.code(), currency, transfer.amount.minor);
  std::optional<std::int64_t> available;
  if (from_wallet || transfer.credit.is_wallet()) {
    available = Account{transfer.debit.mode, AccountKind::available, 0}.code();
    count_day(tx, transfer, now);
  }
  tx.execute(store::insert_transfer, transfer.merchant, tx.next_id(db::Sequence::transfer), transfer.payment,
             transfer.reason, transfer.debit.code(), transfer.credit.code(), currency, transfer.amount.minor, now,
             available);
  // Looked at last: until here nobody has waited for the store.
  if (debited == 0 || credited == 0) return fail(ErrorCode::conflict, "The account's total would be too large");
  return {};
}

FullAccount ask_for_room(db::Transaction& tx, MerchantId merchant, const Currency& currency) {
  // The other half holds millions of open payments of the largest amount.
  constexpr std::int64_t total_max = INT64_MAX / 2;
  return tx.ask_one(
      store::select_full_account, [](const db::Row& row) { return row.integer(0); }, merchant, currency.code(),
      total_max);
}

Result<> check_room(FullAccount full, const Currency& currency) {
  const auto code = full.get();
  if (!code) return {};
  return fail(ErrorCode::conflict, "The account " + Account::from_code(*code).name(std::string(currency.code())) +
                                       " has reached the largest total that the books can hold");
}

Result<> credit_wallet(db::Transaction& tx, Scope scope, PaymentId payment, std::int64_t rail, const Money& amount,
                       std::int64_t fee_minor, Timestamp now) {
  EPAY_CHECK(fee_minor >= 0);
  EPAY_CHECK(fee_minor <= amount.minor);
  const Money net{amount.minor - fee_minor, amount.currency};
  if (net.minor > 0) {
    auto posted = post(tx, {scope.merchant, payment, Reason::payment, clearing(scope, rail), wallet(scope), net}, now);
    if (!posted) return posted;
  }
  if (fee_minor == 0) return {};
  const Money fee{fee_minor, amount.currency};
  return post(tx, {scope.merchant, payment, Reason::fee, clearing(scope, rail), fees(scope), fee}, now);
}

Result<> hold(db::Transaction& tx, const Withdrawal& withdrawal, Timestamp now) {
  const Reason reason = reason_of(withdrawal.kind, Reason::payout_hold, Reason::refund_hold);
  return move(tx, withdrawal, Moved::amount_and_fee, reason, wallet(withdrawal.scope), held(withdrawal.scope), now);
}

Result<> settle(db::Transaction& tx, const Withdrawal& withdrawal, std::int64_t rail, Timestamp now) {
  const Scope scope = withdrawal.scope;
  const Reason reason = reason_of(withdrawal.kind, Reason::payout_settle, Reason::refund_settle);
  auto settled = move(tx, withdrawal, Moved::amount, reason, held(scope), clearing(scope, rail), now);
  if (!settled) return settled;
  return move_fee(tx, withdrawal, Reason::outgoing_fee, held(scope), fees(scope), now);
}

Result<> release(db::Transaction& tx, const Withdrawal& withdrawal, Timestamp now) {
  const Reason reason = reason_of(withdrawal.kind, Reason::payout_release, Reason::refund_release);
  return move(tx, withdrawal, Moved::amount_and_fee, reason, held(withdrawal.scope), wallet(withdrawal.scope), now);
}

Result<> put_back(db::Transaction& tx, const Withdrawal& withdrawal, std::int64_t rail, Timestamp now) {
  const Scope scope = withdrawal.scope;
  const Reason reason = reason_of(withdrawal.kind, Reason::payout_reversal, Reason::refund_reversal);
  auto back = move(tx, withdrawal, Moved::amount, reason, clearing(scope, rail), wallet(scope), now);
  if (!back) return back;
  return move_fee(tx, withdrawal, Reason::outgoing_fee_back, fees(scope), wallet(scope), now);
}

Result<> suspend(db::Transaction& tx, Scope scope, PaymentId payment, std::int64_t rail, const Money& amount,
                 Timestamp now) {
  const Account suspense{scope.mode, AccountKind::suspense, 0};
  return post(tx, {scope.merchant, payment, Reason::suspend, clearing(scope, rail), suspense, amount}, now);
}

Result<> leave_suspense(db::Transaction& tx, Scope scope, PaymentId payment, std::int64_t rail, const Money& amount,
                        Timestamp now) {
  const Account suspense{scope.mode, AccountKind::suspense, 0};
  return post(tx, {scope.merchant, payment, Reason::leave_suspense, suspense, clearing(scope, rail), amount}, now);
}

Result<> correct(db::Transaction& tx, Scope scope, PaymentId payment, std::int64_t rail, const Money& amount,
                 Timestamp now) {
  return post(tx, {scope.merchant, payment, Reason::correction, clearing(scope, rail), wallet(scope), amount}, now);
}

std::vector<Balance> balances(db::Transaction& tx, Scope scope) {
  std::vector<Balance> found;
  tx.query_each(
      store::select_balances,
      [&](const db::Row& row) {
        const Account account = Account::from_code(row.integer(0));
        if (account.mode != scope.mode || !account.is_wallet()) return;
        if (found.empty() || found.back().currency != row.text(1)) found.push_back({row.string(1), 0, 0});
        (account.kind == AccountKind::held ? found.back().held_minor : found.back().available_minor) = row.integer(2);
      },
      scope.merchant);
  return found;
}

}  // namespace epay::ledger
