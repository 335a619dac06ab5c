#include "payments/search_change.h"

#include "payments/payment_store.h"

namespace epay::payments {
namespace {

void note(db::Transaction& tx, Scope scope, SearchSubject subject, std::int64_t id, microseconds age) {
  if (age < search_note_age) return;
  tx.execute(store::insert_search_change, scope.merchant, scope.mode, subject, id);
}

}  // namespace

void note_payment_change(db::Transaction& tx, Scope scope, PaymentId payment, Timestamp created_at, Timestamp now) {
  note(tx, scope, SearchSubject::payment, payment.value, now - created_at);
}

void note_customer_change(db::Transaction& tx, Scope scope, CustomerId customer, Timestamp created_at, Timestamp now) {
  note(tx, scope, SearchSubject::customer, customer.value, now - created_at);
}

}  // namespace epay::payments
