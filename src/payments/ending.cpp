#include "payments/ending.h"

#include "base/check.h"
#include "payments/payment_days.h"
#include "payments/payment_page.h"
#include "payments/payment_page_store.h"
#include "payments/payment_store.h"
#include "payments/refund.h"
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

events::EventType end_event(const Payment& payment) {
  using events::EventType;
  const bool success = payment.status == PaymentStatus::succeeded;
  switch (payment.kind) {
    case PaymentKind::payment: return success ? EventType::payment_success : EventType::payment_failed;
    case PaymentKind::payout:
      if (payment.status == PaymentStatus::reversed) return EventType::payout_reversed;
      return success ? EventType::payout_success : EventType::payout_failed;
    case PaymentKind::refund: return success ? EventType::refund_success : EventType::refund_failed;
  }
  return EventType::payment_failed;
}

std::string refund_data_of(db::Transaction& tx, const Payment& refund) {
  const auto payment = find_payment(tx, refund.scope, *refund.refund_of);
  EPAY_CHECK(payment.has_value());
  return refund_data(refund, *payment);
}

events::Recorded record_end(db::Transaction& tx, Payment& payment, Timestamp now) {
  events::NewEvent event{.scope = payment.scope, .type = end_event(payment), .payment = payment.id, .now = now};
  if (is_outgoing(payment.kind)) {
    const bool refund = payment.kind == PaymentKind::refund;
    event.payload = events::envelope(event.type, now, refund ? refund_data_of(tx, payment) : transaction_data(payment));
    return events::record(tx, std::move(event), &payment.events);
  }
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
  const Timestamp stood_since = payment.updated_at;
  payment.status = to;
  payment.updated_at = now;
  events::Recorded recorded = record_end(tx, payment, now);
  db::Changes changed = tx.execute(store::update_payment_status, payment.scope.merchant, payment.scope.mode, payment.id,
                                   from, to, payment.late ? 1 : 0, now, payment.events.count, payment.events.last);
  count_end(tx, payment, from, stood_since);
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
