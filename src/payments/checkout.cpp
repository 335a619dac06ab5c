#include "payments/checkout.h"

#include <algorithm>

#include "base/check.h"
#include "ledger/ledger.h"
#include "payments/checkout_store.h"
#include "payments/ending.h"
#include "payments/payment_page_store.h"
#include "payments/payment_rows.h"
#include "payments/poll_schedule.h"
#include "payments/search_change.h"

namespace epay::payments {
namespace {

std::vector<Attempt> select_attempts(db::Transaction& tx, const Payment& payment) {
  return tx.query_all(
      store::select_attempts, [&](const db::Row& row) { return read_attempt(row, 0, payment.scope, payment.id); },
      payment.scope.merchant, payment.id);
}

struct TokenOwner {
  Scope scope;
  PaymentId payment;
};

std::optional<TokenOwner> owner_of(db::Transaction& tx, std::string_view token) {
  return tx.query_one(
      store::select_checkout_token,
      [](const db::Row& row) { return TokenOwner{{row.id<MerchantId>(0), row.as<Mode>(1)}, row.id<PaymentId>(2)}; },
      token);
}

Result<Payment> checkout_payment(db::Transaction& tx, Scope scope, PaymentId id) {
  auto payment = find_payment(tx, scope, id);
  if (!payment || !payment->checkout_until) return fail(ErrorCode::not_found, "There is no such checkout");
  return *std::move(payment);
}

}  // namespace

bool is_checkout_token(std::string_view text) {
  return text.size() == checkout_token_length && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

Money Checkout::total() const {
  if (payment.status != PaymentStatus::created) return payment.charged();
  return {payment.amount.minor + surcharge_minor, payment.amount.currency};
}

bool Checkout::may_begin(Timestamp now) const {
  return payment.status == PaymentStatus::created && now < payment.expires_at;
}

void create_checkout(db::Transaction& tx, const Payment& payment, const CheckoutDetails& details) {
  EPAY_CHECK(payment.checkout_until.has_value());
  const std::int64_t inserted = tx.execute(store::insert_checkout_token, details.token, payment.scope.merchant,
                                           payment.scope.mode, payment.id, *payment.checkout_until);
  EPAY_CHECK(inserted == 1);  // a token is 190 bits of chance, or was looked up in this transaction
  const auto answers = details.answers.empty() ? std::nullopt : std::optional(to_json(details.answers));
  tx.execute(store::insert_checkout, payment.scope.merchant, payment.scope.mode, payment.id, details.token, answers,
             details.redirect_url);
}

Result<Checkout> find_checkout(db::Transaction& tx, std::string_view token) {
  const auto owner = owner_of(tx, token);
  if (!owner) return fail(ErrorCode::not_found, "There is no such checkout");
  auto payment = checkout_payment(tx, owner->scope, owner->payment);
  if (!payment) return std::unexpected(payment.error());
  EPAY_CHECK(payment->customer.has_value());
  auto customer = find_customer(tx, owner->scope, *payment->customer);
  EPAY_CHECK(customer.has_value());
  Checkout checkout{.token = std::string(token), .payment = *std::move(payment), .customer = *std::move(customer)};
  checkout.attempts = select_attempts(tx, checkout.payment);
  tx.query_each(
      store::select_checkout,
      [&](const db::Row& row) {
        checkout.token = row.string(0);
        if (!row.is_null(1)) checkout.answers = parse_answers(row.text(1));
        checkout.redirect_url = row.optional_string(2);
      },
      owner->scope.merchant, owner->scope.mode, owner->payment);
  tx.query_each(
      store::select_payee,
      [&](const db::Row& row) {
        checkout.merchant_name = row.string(0);
        if (!row.is_null(1)) checkout.merchant_logo = row.id<ImageId>(1);
      },
      owner->scope.merchant);
  if (checkout.payment.page) {
    auto page = find_page(tx, {owner->scope.merchant, *checkout.payment.page});
    EPAY_CHECK(page.has_value());
    checkout.page = std::move(page->page);
  }
  return checkout;
}

std::optional<std::string> token_of(db::Transaction& tx, const Payment& payment) {
  return tx.query_one(
      store::select_checkout, [](const db::Row& row) { return row.string(0); }, payment.scope.merchant,
      payment.scope.mode, payment.id);
}

Result<PagePayment> open_page_payment(db::Transaction& tx, const NewPagePayment& wanted) {
  // The same form again: its payment stands.
  if (owner_of(tx, wanted.token)) return PagePayment{wanted.token, {}};
  const auto found = find_page(tx, wanted.page);
  if (!found) return std::unexpected(found.error());
  const PaymentPage& page = found->page;
  if (state_of(page, found->totals, wanted.now) != PageState::open)
    return fail(ErrorCode::conflict, "This page does not take payments now");
  if (page.settings.currency != wanted.amount.currency)
    return fail(ErrorCode::invalid, "The currency of this page has changed");
  auto opening = open_payment(tx, {.scope = page.scope(),
                                   .reference = wanted.reference,
                                   .customer = wanted.customer,
                                   .method = wanted.method,
                                   .wallet_number = wanted.wallet_number,
                                   .wallet_network = wanted.wallet_network,
                                   .amount = wanted.amount,
                                   .description = wanted.description,
                                   .now = wanted.now,
                                   .life = page_checkout_life,
                                   .checkout = true,
                                   .page = page.key.id});
  if (!opening) return std::unexpected(opening.error());
  Opened& opened = std::get<Opened>(*opening);
  create_checkout(tx, opened.payment, {wanted.token, wanted.answers, page.settings.redirect_url});
  tx.execute(store::add_page_totals, page.key.merchant, page.key.id, 0, 0, 1);
  return PagePayment{wanted.token, std::move(opened.recorded)};
}

Result<> choose(db::Transaction& tx, const Payment& payment, const Choice& choice, Timestamp now) {
  const std::int64_t changed = tx.execute(store::update_choice, payment.scope.merchant, payment.scope.mode, payment.id,
                                          choice.method, choice.wallet_number, choice.wallet_network, now);
  if (changed == 0) return fail(ErrorCode::conflict, "This checkout is not open any more");
  note_payment_change(tx, payment.scope, payment.id, payment.created_at, now);
  return {};
}

Result<OpenAttempt> begin_attempt(db::Transaction& tx, const NewAttempt& wanted) {
  auto found = checkout_payment(tx, wanted.scope, wanted.payment);
  if (!found) return std::unexpected(found.error());
  Payment payment = *std::move(found);
  const auto not_its_turn = [] { return fail(ErrorCode::conflict, "Another attempt was made meanwhile"); };
  if (payment.status != PaymentStatus::created || payment.expires_at <= wanted.now) return not_its_turn();
  const auto last = last_attempt(tx, payment);
  if ((last ? last->key.number : 0) + 1 != wanted.number || wanted.number > checkout_attempts_max)
    return not_its_turn();
  EPAY_CHECK(!last || !is_open(last->status));
  // The rail is known only now, and so is what it costs.
  const Currency& currency = payment.amount.currency;
  auto rule = ask_for_fee_rule(tx, {payment.scope.merchant, PaymentKind::payment, currency, wanted.rail});
  const auto room = ledger::check_room(ledger::ask_for_room(tx, payment.scope.merchant, currency), currency);
  if (!room) return std::unexpected(room.error());
  EPAY_CHECK(rule.get().has_value());
  const Fee fee = fee_of(*rule.get(), PaymentKind::payment, payment.amount);
  const std::int64_t surcharge = fee.bearer == FeeBearer::customer ? fee.minor : 0;
  if (surcharge != wanted.surcharge_minor) return fail(ErrorCode::conflict, "The fee is not the one that was shown");
  if (const auto whole = whole_of(payment.amount, fee); !whole) return std::unexpected(whole.error());
  payment.fee_minor = fee.minor;
  payment.fee_bearer = fee.bearer;
  payment.status = PaymentStatus::pending;
  payment.method = wanted.choice.method;
  payment.wallet_number = wanted.choice.wallet_number;
  payment.wallet_network = wanted.choice.wallet_network;
  payment.expires_at = wanted.now + attempt_life;
  payment.updated_at = wanted.now;
  const std::int64_t changed = tx.execute(store::update_begun, payment.scope.merchant, payment.scope.mode, payment.id,
                                          payment.method, payment.wallet_number, payment.wallet_network,
                                          payment.expires_at, wanted.now, payment.fee_minor, payment.fee_bearer);
  EPAY_CHECK(changed == 1);
  Attempt attempt{.key = {payment.scope, payment.id, wanted.number},
                  .rail = wanted.rail,
                  .poll_at = wanted.now + first_poll_after,
                  .created_at = wanted.now,
                  .method = payment.method,
                  .wallet_number = payment.wallet_number,
                  .wallet_network = payment.wallet_network};
  insert_attempt(tx, attempt);
  note_payment_change(tx, payment.scope, payment.id, payment.created_at, wanted.now);
  return OpenAttempt{std::move(payment), std::move(attempt)};
}

bool may_try_again(const Payment& payment, const Attempt& attempt, Timestamp now) {
  return payment.kind == PaymentKind::payment && payment.status == PaymentStatus::pending && payment.checkout_until &&
         now < *payment.checkout_until && attempt.key.number < checkout_attempts_max;
}

void reopen(db::Transaction& tx, Payment& payment, Timestamp now) {
  EPAY_CHECK(may_follow(payment.status, PaymentStatus::created));
  payment.status = PaymentStatus::created;
  payment.expires_at = *payment.checkout_until;
  payment.updated_at = now;
  const std::int64_t changed =
      tx.execute(store::update_reopened, payment.scope.merchant, payment.scope.mode, payment.id, now);
  EPAY_CHECK(changed == 1);
  note_payment_change(tx, payment.scope, payment.id, payment.created_at, now);
}

Result<Ended> give_up(db::Transaction& tx, Scope scope, PaymentId id, Timestamp now) {
  auto payment = checkout_payment(tx, scope, id);
  if (!payment) return std::unexpected(payment.error());
  if (payment->status != PaymentStatus::created)
    return fail(ErrorCode::conflict, "This checkout is being paid, or has ended");
  Ended ended{*std::move(payment), {}};
  ended.recorded = end_payment(tx, ended.payment, PaymentStatus::failed, now).recorded();
  return ended;
}

std::vector<Ended> expire_checkouts(db::Transaction& tx, Timestamp now, int limit) {
  auto payments = tx.query_all(
      store::select_expired_checkouts,
      [](const db::Row& row) {
        return read_payment(row, {row.id<MerchantId>(payment_columns), row.as<Mode>(payment_columns + 1)});
      },
      now, limit);
  std::vector<Ended> ended;
  for (Payment& payment : payments) {
    Ended one{std::move(payment), {}};
    one.recorded = end_payment(tx, one.payment, PaymentStatus::expired, now).recorded();
    ended.push_back(std::move(one));
  }
  return ended;
}

Result<> count_receipt(db::Transaction& tx, const Payment& payment) {
  const std::int64_t counted =
      tx.execute(store::count_receipt, payment.scope.merchant, payment.scope.mode, payment.id, receipts_max);
  if (counted == 0) return fail(ErrorCode::too_many_requests, "This receipt has been sent often enough");
  return {};
}

}  // namespace epay::payments
