#include "ledger/ledger.h"

#include <map>

#include "base/check.h"
#include "ledger/ledger_store.h"

namespace epay::ledger {
namespace {

std::string_view name_of(AccountKind kind) {
  switch (kind) {
    case AccountKind::rail_clearing: return "rail_clearing";
    case AccountKind::available: return "available";
    case AccountKind::held: return "held";
    case AccountKind::fees: return "fees";
    case AccountKind::suspense: return "suspense";
  }
  return "unknown";
}

bool must_be_covered(AccountKind kind) { return kind == AccountKind::available || kind == AccountKind::held; }

Account clearing(Scope scope, std::int64_t rail) { return {scope.mode, AccountKind::rail_clearing, rail}; }
Account wallet(Scope scope) { return {scope.mode, AccountKind::available, 0}; }
Account held(Scope scope) { return {scope.mode, AccountKind::held, 0}; }

}  // namespace

Account Account::from_code(std::int64_t code) {
  return {static_cast<Mode>(code / 1'000'000), static_cast<AccountKind>(code / 10'000 % 100), code % 10'000};
}

std::string Account::name() const {
  std::string text = mode == Mode::live ? "live:" : "test:";
  text += name_of(kind);
  if (rail != 0) text += ":" + std::to_string(rail);
  return text;
}

Result<> post(db::Transaction& tx, const Transfer& transfer, Timestamp now) {
  EPAY_CHECK(transfer.amount.minor > 0);
  EPAY_CHECK(!(transfer.debit == transfer.credit));
  const auto currency = transfer.amount.currency.code();
  const std::int64_t amount = transfer.amount.minor;
  if (must_be_covered(transfer.debit.kind)) {
    if (tx.execute(store::debit_if_covered, transfer.merchant, transfer.debit.code(), currency, amount) == 0) {
      return fail(ErrorCode::insufficient_funds, "The balance available does not cover this amount");
    }
  } else {
    tx.execute(store::debit_account, transfer.merchant, transfer.debit.code(), currency, amount);
  }
  tx.execute(store::credit_account, transfer.merchant, transfer.credit.code(), currency, amount);
  tx.execute(store::insert_transfer, transfer.merchant, tx.next_id(db::Sequence::transfer), transfer.payment,
             transfer.reason, transfer.debit.code(), transfer.credit.code(), currency, amount, now);
  return {};
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
  const Account fees{scope.mode, AccountKind::fees, 0};
  return post(tx, {scope.merchant, payment, Reason::fee, clearing(scope, rail), fees, {fee_minor, amount.currency}}, now);
}

Result<> hold(db::Transaction& tx, Scope scope, PaymentId payout, const Money& amount, Timestamp now) {
  return post(tx, {scope.merchant, payout, Reason::payout_hold, wallet(scope), held(scope), amount}, now);
}

Result<> settle(db::Transaction& tx, Scope scope, PaymentId payout, std::int64_t rail, const Money& amount, Timestamp now) {
  return post(tx, {scope.merchant, payout, Reason::payout_settle, held(scope), clearing(scope, rail), amount}, now);
}

Result<> release(db::Transaction& tx, Scope scope, PaymentId payout, const Money& amount, Timestamp now) {
  return post(tx, {scope.merchant, payout, Reason::payout_release, held(scope), wallet(scope), amount}, now);
}

Result<> suspend(db::Transaction& tx, Scope scope, PaymentId payment, std::int64_t rail, const Money& amount, Timestamp now) {
  const Account suspense{scope.mode, AccountKind::suspense, 0};
  return post(tx, {scope.merchant, payment, Reason::suspend, clearing(scope, rail), suspense, amount}, now);
}

std::vector<Balance> balances(db::Transaction& tx, Scope scope) {
  std::vector<Balance> found;
  tx.query_each(
      store::select_balances,
      [&](const db::Row& row) {
        const Account account = Account::from_code(row.integer(0));
        if (account.mode != scope.mode || !must_be_covered(account.kind)) return;
        if (found.empty() || found.back().currency != row.text(1)) found.push_back({row.string(1), 0, 0});
        (account.kind == AccountKind::held ? found.back().held_minor : found.back().available_minor) = row.integer(2);
      },
      scope.merchant);
  return found;
}

}  // namespace epay::ledger
