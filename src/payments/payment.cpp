#include "payments/payment.h"

#include <charconv>

#include "base/check.h"
#include "ledger/ledger.h"
#include "payments/opening.h"
#include "payments/payment_rows.h"
#include "payments/payment_store.h"
#include "processes/process.h"

namespace epay::payments {
namespace {

void insert_payment(db::Transaction& tx, const Payment& payment, std::optional<PaymentId> customer_previous) {
  tx.execute(store::insert_payment, payment.scope.merchant, payment.scope.mode, payment.id, payment.kind,
             payment.status, payment.reference, payment.customer, payment.method, payment.wallet_number,
             payment.wallet_network, payment.amount.minor, payment.fee_minor, payment.amount.currency.code(),
             payment.description, payment.created_at, payment.expires_at, customer_previous, payment.page,
             payment.checkout_until, payment.payee_name, payment.fee_bearer);
  tx.execute(store::count_payment, payment.scope.merchant, payment.scope.mode);
}

}  // namespace

std::string_view wire_name(Method method) {
  switch (method) {
    case Method::undecided: return "";
    case Method::momo: return "momo";
    case Method::card: return "card";
    case Method::bank: return "bank";
  }
  return "";
}

std::string rail_reference_of(const AttemptKey& key) {
  char digits[20];
  const auto hex = [&](std::int64_t number) {
    return std::string(digits, std::to_chars(digits, digits + sizeof digits, number, 16).ptr);
  };
  std::string payment = hex(key.payment.value);
  if (payment.size() < 10) payment.insert(0, 10 - payment.size(), '0');
  return std::string(key.scope.mode == Mode::live ? "epl" : "ept") + hex(key.scope.merchant.value) + "z" + payment +
         "z" + hex(key.number);
}

std::optional<AttemptKey> attempt_of(std::string_view rail_reference) {
  AttemptKey key;
  if (rail_reference.starts_with("ept")) {
    key.scope.mode = Mode::test;
  } else if (rail_reference.starts_with("epl")) {
    key.scope.mode = Mode::live;
  } else {
    return std::nullopt;
  }
  const char* at = rail_reference.data() + 3;
  const char* const end = rail_reference.data() + rail_reference.size();
  const auto number = [&](auto& into, char after) {
    const auto parsed = std::from_chars(at, end, into, 16);
    if (parsed.ec != std::errc() || into <= 0) return false;
    at = parsed.ptr;
    if (after == 0) return at == end;
    return at != end && *at++ == after;
  };
  if (!number(key.scope.merchant.value, 'z') || !number(key.payment.value, 'z') || !number(key.number, 0))
    return std::nullopt;
  return key;
}

Result<std::variant<Opened, StoredAnswer>> open_payment(db::Transaction& tx, const NewPayment& wanted) {
  // Everything that can be refused is looked at before the first write: an undo is expensive for the batch.
  const Scope scope = wanted.scope;
  if (wanted.key) {
    auto before = opened_before(tx, scope, *wanted.key, wanted.reference, wanted.now);
    if (!before) return std::unexpected(before.error());
    if (*before) return **std::move(before);
  }
  // All questions first, then the answers: they take one trip.
  auto used =
      tx.ask_one(store::select_reference, [](const db::Row&) { return true; }, scope.merchant, wanted.reference);
  auto rule = ask_for_fee_rule(tx, {scope.merchant, wanted.kind, wanted.amount.currency, wanted.rail.value_or(0)});
  auto room = ledger::ask_for_room(tx, scope.merchant, wanted.amount.currency);
  std::optional<AskedCustomer> known;
  if (wanted.customer) known = ask_for_customer(tx, scope, *wanted.customer);
  if (used.get()) return fail(ErrorCode::conflict, "The reference " + wanted.reference + " has been used already");
  EPAY_CHECK(rule.get().has_value());
  const Fee fee = fee_of(*rule.get(), wanted.kind, wanted.amount);
  if (const auto whole = whole_of(wanted.amount, fee); !whole) return std::unexpected(whole.error());
  if (const auto checked = ledger::check_room(std::move(room), wanted.amount.currency); !checked) {
    return std::unexpected(checked.error());
  }
  const PaymentId id{tx.next_id(db::Sequence::payment)};
  const bool is_payout = wanted.kind == PaymentKind::payout;
  if (is_payout) {
    const auto held = ledger::hold(tx, {ledger::Outgoing::payout, scope, id, wanted.amount, fee.minor}, wanted.now);
    if (!held) return std::unexpected(held.error());
  }

  Opened opened;
  if (wanted.key) record_key(tx, scope.merchant, *wanted.key, wanted.now);
  if (wanted.customer) {
    KnownCustomer customer = find_or_create_customer(tx, scope, *wanted.customer, *std::move(known), wanted.now);
    opened.customer = std::move(customer.customer);
    opened.recorded = std::move(customer.recorded);
  }
  opened.payment = Payment{.scope = scope,
                           .id = id,
                           .kind = wanted.kind,
                           .status = wanted.rail ? PaymentStatus::pending : PaymentStatus::created,
                           .reference = wanted.reference,
                           .customer = opened.customer ? std::optional(opened.customer->id) : std::nullopt,
                           .method = wanted.method,
                           .wallet_number = wanted.wallet_number,
                           .wallet_network = wanted.wallet_network,
                           .amount = wanted.amount,
                           .fee_minor = fee.minor,
                           .description = wanted.description,
                           .created_at = wanted.now,
                           .updated_at = wanted.now,
                           .expires_at = wanted.now + wanted.life,
                           .page = wanted.page,
                           .payee_name = wanted.payee_name,
                           .fee_bearer = fee.bearer};
  if (wanted.checkout) opened.payment.checkout_until = opened.payment.expires_at;
  insert_payment(tx, opened.payment, opened.customer ? opened.customer->last_payment : std::nullopt);
  if (opened.customer)
    tx.execute(store::update_customer_last_payment, scope.merchant, scope.mode, opened.customer->id, id);
  if (wanted.rail) opened.attempt = open_first_attempt(tx, opened.payment, *wanted.rail, wanted.now);
  return opened;
}

Result<Payment> find_payment(db::Transaction& tx, Scope scope, std::string_view reference) {
  auto found = tx.query_one(
      store::select_payment_by_reference, [&](const db::Row& row) { return read_payment(row, scope); }, scope.merchant,
      reference, scope.mode);
  if (!found) return fail(ErrorCode::not_found, "There is no transaction with the reference " + std::string(reference));
  return *std::move(found);
}

std::optional<Payment> find_payment(db::Transaction& tx, Scope scope, PaymentId id) {
  return tx.query_one(
      store::select_payment, [&](const db::Row& row) { return read_payment(row, scope); }, scope.merchant, scope.mode,
      id);
}

Page<Payment> list_payments(db::Transaction& tx, Scope scope, std::int64_t page) {
  Page<Payment> list;
  list.total =
      tx.query_one(
            store::select_totals, [](const db::Row& row) { return row.integer(1); }, scope.merchant, scope.mode)
          .value_or(0);
  const std::int64_t skipped = (page - 1) * rows_per_page;
  if (skipped < list.total) {
    list.rows = tx.query_all(
        store::select_payments, [&](const db::Row& row) { return read_payment(row, scope); }, scope.merchant,
        scope.mode, rows_per_page, skipped);
  }
  return list;
}

std::vector<Payment> payments_of_customer(db::Transaction& tx, const Customer& customer, Scope scope,
                                          std::int64_t limit) {
  struct Link {
    Payment payment;
    std::optional<PaymentId> previous;
  };
  std::vector<Payment> payments;
  std::optional<PaymentId> next = customer.last_payment;
  while (next && static_cast<std::int64_t>(payments.size()) < limit) {
    auto link = tx.query_one(
        store::select_payment_of_customer,
        [&](const db::Row& row) {
          const bool first = row.is_null(payment_columns);
          return Link{read_payment(row, scope),
                      first ? std::nullopt : std::optional(row.id<PaymentId>(payment_columns))};
        },
        scope.merchant, scope.mode, *next);
    EPAY_CHECK(link.has_value());
    payments.push_back(std::move(link->payment));
    next = link->previous;
  }
  return payments;
}

std::optional<Attempt> last_attempt(db::Transaction& tx, const Payment& payment) {
  return tx.query_one(
      store::select_last_attempt, [&](const db::Row& row) { return read_attempt(row, 0, payment.scope, payment.id); },
      payment.scope.merchant, payment.id);
}

Result<OpenAttempt> find_attempt(db::Transaction& tx, const AttemptKey& key) {
  auto found = tx.query_one(
      store::select_open_attempt,
      [&](const db::Row& row) {
        return OpenAttempt{read_payment(row, key.scope), read_attempt(row, payment_columns, key.scope, key.payment)};
      },
      key.scope.merchant, key.payment, key.number, key.scope.mode);
  if (!found) return fail(ErrorCode::not_found, "There is no such attempt");
  if (found->payment.refund_of) found->original = original_of(tx, found->payment);
  return *std::move(found);
}

Result<> claim_asking(db::Transaction& tx, const AttemptKey& key) {
  const auto asking = tx.query_one(
      store::select_asking, [](const db::Row& row) { return row.id<ProcessId>(0); }, key.scope.merchant, key.payment,
      key.number);
  if (!asking) return fail(ErrorCode::not_found, "There is no such attempt");
  const bool taken =
      !processes::is_free(tx, *asking) ||
      tx.execute(store::update_asking, key.scope.merchant, key.payment, key.number, *asking, tx.process()) == 0;
  if (taken) return fail(ErrorCode::in_progress, "The transaction is being worked on; try again shortly");
  return {};
}

void release_asking(db::Transaction& tx, const AttemptKey& key) {
  tx.execute(store::update_asking, key.scope.merchant, key.payment, key.number, tx.process(), ProcessId());
}

std::vector<OpenAttempt> due_attempts(db::Transaction& tx, Timestamp now, int limit) {
  auto due = tx.query_all(
      store::select_due_attempts,
      [](const db::Row& row) {
        constexpr int after_attempt = payment_columns + attempt_columns;
        const Scope scope{row.id<MerchantId>(after_attempt), row.as<Mode>(after_attempt + 1)};
        Payment payment = read_payment(row, scope);
        const PaymentId id = payment.id;
        return OpenAttempt{std::move(payment), read_attempt(row, payment_columns, scope, id)};
      },
      tx.process(), now, limit);
  for (OpenAttempt& open : due) {
    if (open.payment.refund_of) open.original = original_of(tx, open.payment);
  }
  return due;
}

std::optional<Timestamp> next_poll(db::Transaction& tx) {
  return tx.query_one(store::select_next_poll, [](const db::Row& row) { return row.time(0); }, tx.process());
}

std::int64_t claim_polls(db::Transaction& tx, int limit) {
  std::int64_t claimed = 0;
  ProcessId after{-1};
  while (claimed < limit) {
    const auto owner =
        tx.query_one(store::select_next_poll_owner, [](const db::Row& row) { return row.id<ProcessId>(0); }, after);
    if (!owner) break;
    after = *owner;
    if (*owner == tx.process() || !processes::is_free(tx, *owner)) continue;
    const auto last = tx.query_one(
        store::select_nth_poll, [](const db::Row& row) { return row.time(0); }, *owner, limit - claimed - 1);
    claimed += tx.execute(store::claim_polls, *owner, tx.process(), last.value_or(Timestamp{INT64_MAX}));
  }
  return claimed;
}

std::int64_t count_polled_attempts(db::Transaction& tx) {
  return *tx.query_one(store::count_polled_attempts, [](const db::Row& row) { return row.integer(0); });
}

}  // namespace epay::payments
