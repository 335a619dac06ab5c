#include "payments/refund.h"

#include "base/check.h"
#include "ledger/ledger.h"
#include "payments/opening.h"
#include "payments/payment_rows.h"
#include "payments/refund_store.h"
#include "payments/withdrawal.h"

namespace epay::payments {
namespace {

std::unexpected<Error> not_refundable(const std::string& reference) {
  return fail(ErrorCode::conflict, "Only payments that have succeeded can be refunded, and " + reference + " is none");
}

std::unexpected<Error> not_left(const Payment& payment) {
  const Money left{payment.left_to_refund_minor(), payment.amount.currency};
  if (left.minor == 0) return fail(ErrorCode::conflict, "All of " + payment.reference + " has been refunded");
  return fail(ErrorCode::conflict, "Of " + payment.reference + " only " + left.to_decimal() + " " +
                                       std::string(left.currency.code()) + " is left to refund");
}

Refund read_refund(const db::Row& row, Scope scope) { return {read_payment(row, scope), row.string(payment_columns)}; }

// What the refund says, where the payment and the wish say it.
Payment refund_of(const Payment& payment, const Attempt& paid_by, const NewRefund& wanted, PaymentId id, Money amount,
                  const Fee& fee) {
  return {.scope = wanted.scope,
          .id = id,
          .kind = PaymentKind::refund,
          .status = PaymentStatus::pending,
          .reference = wanted.reference,
          .customer = payment.customer,
          .method = paid_by.method.value_or(payment.method),
          .wallet_number = paid_by.method ? paid_by.wallet_number : payment.wallet_number,
          .wallet_network = paid_by.method ? paid_by.wallet_network : payment.wallet_network,
          .amount = amount,
          .fee_minor = fee.minor,
          .description = wanted.reason,
          .created_at = wanted.now,
          .updated_at = wanted.now,
          .expires_at = wanted.now + attempt_life,
          .refund_of = payment.id,
          .refund_way = wanted.way};
}

void insert_refund(db::Transaction& tx, const Payment& refund, const std::optional<Customer>& customer) {
  const auto& [merchant, mode] = refund.scope;
  tx.execute(store::insert_refund, merchant, mode, refund.id, refund.kind, refund.status, refund.reference,
             refund.customer, refund.method, refund.wallet_number, refund.wallet_network, refund.amount.minor,
             refund.amount.currency.code(), refund.description, refund.created_at, refund.expires_at,
             customer ? customer->last_payment : std::nullopt, refund.refund_of, refund.refund_way, refund.fee_minor);
  tx.execute(store::count_refund, merchant, mode);
  if (customer) tx.execute(store::update_customer_last_payment, merchant, mode, customer->id, refund.id);
}

}  // namespace

std::optional<Attempt> succeeded_attempt(db::Transaction& tx, const Payment& payment) {
  return tx.query_one(
      store::select_succeeded_attempt,
      [&](const db::Row& row) { return read_attempt(row, 0, payment.scope, payment.id); }, payment.scope.merchant,
      payment.id, AttemptStatus::succeeded);
}

Result<Refundable> find_refundable(db::Transaction& tx, Scope scope, std::string_view reference) {
  auto payment = find_payment(tx, scope, reference);
  if (!payment) return std::unexpected(payment.error());
  if (payment->kind != PaymentKind::payment || payment->status != PaymentStatus::succeeded) {
    return not_refundable(payment->reference);
  }
  auto attempt = succeeded_attempt(tx, *payment);
  EPAY_CHECK(attempt.has_value());
  return Refundable{*std::move(payment), *std::move(attempt)};
}

Result<std::variant<Opened, StoredAnswer>> open_refund(db::Transaction& tx, const NewRefund& wanted) {
  const Scope scope = wanted.scope;
  if (wanted.key) {
    auto before = opened_before(tx, scope, *wanted.key, wanted.reference, wanted.now);
    if (!before) return std::unexpected(before.error());
    if (*before) return **std::move(before);
  }
  const auto used =
      tx.query_one(store::select_reference, [](const db::Row&) { return true; }, scope.merchant, wanted.reference);
  if (used) return fail(ErrorCode::conflict, "The reference " + wanted.reference + " has been used already");
  const auto payment = find_payment(tx, scope, wanted.payment);
  EPAY_CHECK(payment.has_value());
  const auto paid_by = succeeded_attempt(tx, *payment);
  if (!paid_by || payment->status != PaymentStatus::succeeded) return not_refundable(payment->reference);
  const Money amount = wanted.amount.value_or(Money{payment->left_to_refund_minor(), payment->amount.currency});
  EPAY_CHECK(amount.currency == payment->amount.currency);
  if (amount.minor == 0 || amount.minor > payment->left_to_refund_minor()) return not_left(*payment);

  const FeeRuleKey fees{scope.merchant, PaymentKind::refund, amount.currency, wanted.rail};
  const Fee fee = fee_of(*ask_for_fee_rule(tx, fees).get(), PaymentKind::refund, amount);
  if (const auto whole = whole_of(amount, fee); !whole) return std::unexpected(whole.error());
  const PaymentId id{tx.next_id(db::Sequence::payment)};
  Opened opened{.payment = refund_of(*payment, *paid_by, wanted, id, amount, fee),
                .original = OriginalOrder{rail_reference_of(paid_by->key), paid_by->rail_id, payment->charged()}};
  // Refused before anything was changed where the wallet does not cover it.
  const auto held = ledger::hold(tx, withdrawal_of(opened.payment), wanted.now);
  if (!held) return std::unexpected(held.error());
  // Guarded: of several processes another may have refunded since the payment was read.
  const std::int64_t reserved =
      tx.execute(store::reserve_refund, scope.merchant, scope.mode, payment->id, amount.minor);
  if (reserved == 0) return not_left(*payment);
  if (wanted.key) record_key(tx, scope.merchant, *wanted.key, wanted.now);
  if (payment->customer) opened.customer = *find_customer(tx, scope, *payment->customer);
  insert_refund(tx, opened.payment, opened.customer);
  opened.attempt = open_first_attempt(tx, opened.payment, wanted.rail, wanted.now);
  return opened;
}

void give_up_reserve(db::Transaction& tx, const Payment& refund) {
  EPAY_CHECK(refund.refund_of.has_value());
  tx.execute(store::give_up_reserve, refund.scope.merchant, refund.scope.mode, *refund.refund_of, refund.amount.minor);
}

Result<Refund> find_refund(db::Transaction& tx, Scope scope, std::string_view reference) {
  auto found = tx.query_one(
      store::select_refund, [&](const db::Row& row) { return read_refund(row, scope); }, scope.merchant, reference,
      scope.mode);
  if (!found) return fail(ErrorCode::not_found, "There is no refund with the reference " + std::string(reference));
  return *std::move(found);
}

Page<Refund> list_refunds(db::Transaction& tx, Scope scope, std::int64_t page) {
  Page<Refund> list;
  list.total =
      tx.query_one(
            store::select_refund_total, [](const db::Row& row) { return row.integer(0); }, scope.merchant, scope.mode)
          .value_or(0);
  const std::int64_t skipped = (page - 1) * rows_per_page;
  if (skipped < list.total) {
    list.rows = tx.query_all(
        store::select_refunds, [&](const db::Row& row) { return read_refund(row, scope); }, scope.merchant, scope.mode,
        rows_per_page, skipped);
  }
  return list;
}

std::vector<Refund> refunds_of(db::Transaction& tx, const Payment& payment) {
  return tx.query_all(
      store::select_refunds_of, [&](const db::Row& row) { return read_refund(row, payment.scope); },
      payment.scope.merchant, payment.scope.mode, payment.id, refunds_shown_max);
}

}  // namespace epay::payments
