#include "payments/event_reference.h"

#include "payments/payment.h"
#include "payments/payment_store.h"

namespace epay::payments {

std::optional<std::string> reference_of(db::Transaction& tx, Scope scope, PaymentId payment) {
  return tx.query_one(
      store::select_reference_of, [](const db::Row& row) { return row.string(0); }, scope.merchant, scope.mode,
      payment);
}

// Along the chain from the payment's last event: an index on the payment would be written for every event.
std::vector<EventId> events_of_reference(db::Transaction& tx, Scope scope, std::string_view reference) {
  std::vector<EventId> events;
  const auto payment = find_payment(tx, scope, reference);
  std::optional<EventId> next = payment ? payment->events.last : std::nullopt;
  while (next && events.size() < std::size_t(events_of_payment_max)) {
    events.push_back(*next);
    const auto previous = tx.query_one(
        store::select_event_before,
        [](const db::Row& row) { return row.is_null(0) ? std::nullopt : std::optional(row.id<EventId>(0)); },
        scope.merchant, *next);
    next = previous.value_or(std::nullopt);
  }
  return events;
}

}  // namespace epay::payments
