#include "payments/ending.h"

#include "base/check.h"
#include "payments/payment_days.h"
#include "payments/payment_page.h"
#include "payments/payment_page_store.h"
#include "payments/payment_store.h"
#include "payments/search_change.h"
#include "payments/wire.h"

namespace epay::payments {
namespace {

std::optional<PageSummary> page_of(db::Transaction& tx, const Payment& payment) {
  if (!payment.page) return std::nullopt;
  auto page = find_page_summary(tx, {payment.scope.merchant, *payment.page});
  EPAY_CHECK(page.has_value());  // pages are never deleted
  return *std::move(page);
}

AskedCustomer ask_for_customer_of(db::Transaction& tx, const Payment& payment) {
  EPAY_CHECK(payment.customer.has_value());
  return ask_for_customer(tx, payment.scope, *payment.customer);
}

const Customer& customer_of(AskedCustomer& asked) {
  EPAY_CHECK(asked.get().has_value());
  return *asked.get();
}

events::Recorded record_end(db::Transaction& tx, Payment& payment, Timestamp now) {
  using events::EventType;
  const bool success = payment.status == PaymentStatus::succeeded;
  events::NewEvent event{.scope = payment.scope, .payment = payment.id, .now = now};
  if (payment.kind == PaymentKind::payout) {
    event.type = success ? EventType::payout_success : EventType::payout_failed;
    event.payload = events::envelope(event.type, now, transaction_data(payment));
    return events::record(tx, std::move(event), &payment.events);
  }
  event.type = success ? EventType::payment_success : EventType::payment_failed;
  auto listeners = events::ask_for_listeners(tx, payment.scope, event.type);
  auto customer = ask_for_customer_of(tx, payment);
  event.payload = notification(payment, customer_of(customer), page_of(tx, payment));
  return events::record(tx, std::move(event), std::move(listeners), &payment.events);
}

// An open payment holds a place; one that expired has given it back.
void count_on_page(db::Transaction& tx, const Payment& payment, PaymentStatus from) {
  if (!payment.page) return;
  const bool success = payment.status == PaymentStatus::succeeded;
  const int places_given_back = from == PaymentStatus::expired ? 0 : 1;
  tx.execute(store::add_page_totals, payment.scope.merchant, *payment.page, success ? 1 : 0,
             success ? payment.amount.minor : 0, -places_given_back);
}

}  // namespace

events::Recorded AskedEnd::recorded() && {
  EPAY_CHECK(changed_ == 1);
  return std::move(recorded_);
}

AskedEnd end_payment(db::Transaction& tx, Payment& payment, PaymentStatus to, Timestamp now) {
  const PaymentStatus from = payment.status;
  EPAY_CHECK(may_follow(from, to));
  payment.late = from == PaymentStatus::expired && to == PaymentStatus::succeeded;
  const auto expired_at = from == PaymentStatus::expired ? std::optional(payment.updated_at) : std::nullopt;
  payment.status = to;
  payment.updated_at = now;
  events::Recorded recorded = record_end(tx, payment, now);
  db::Changes changed = tx.execute(store::update_payment_status, payment.scope.merchant, payment.scope.mode, payment.id,
                                   from, to, payment.late ? 1 : 0, now, payment.events.count, payment.events.last);
  count_end(tx, payment, expired_at);
  count_on_page(tx, payment, from);
  note_payment_change(tx, payment.scope, payment.id, payment.created_at, now);
  return {std::move(recorded), std::move(changed)};
}

events::Recorded tell_pending(db::Transaction& tx, Payment& payment, Timestamp now) {
  const bool first = payment.kind == PaymentKind::payment && payment.status == PaymentStatus::pending &&
                     payment.customer && payment.events.count == 0;
  if (!first) return {};
  constexpr auto type = events::EventType::payment_pending;
  auto listeners = events::ask_for_listeners(tx, payment.scope, type);
  auto customer = ask_for_customer_of(tx, payment);
  const std::string data = pending_data(payment, customer_of(customer), page_of(tx, payment));
  events::Recorded recorded = events::record(tx,
                                             {.scope = payment.scope,
                                              .type = type,
                                              .payment = payment.id,
                                              .payload = events::envelope(type, now, data),
                                              .now = now},
                                             std::move(listeners), &payment.events);
  if (!recorded.event) return recorded;
  tx.execute(store::update_payment_events, payment.scope.merchant, payment.scope.mode, payment.id, payment.events.count,
             payment.events.last);
  return recorded;
}

}  // namespace epay::payments
