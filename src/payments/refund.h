// Refunds: money that goes back to the customer of a payment. A refund is a payment of a kind of its own: its money is
// held, sent and settled, or released on a definite failure, as a payout's. What a payment's refunds come to is kept
// with it (refunded_minor), so that together they are never more than it. The merchant's fee is not given back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/database.h"
#include "payments/payment.h"

namespace epay::payments {

// Of a payment's refunds, at most so many are shown with it.
inline constexpr int refunds_shown_max = 100;

struct Refundable {
  Payment payment;
  Attempt attempt;  // by which it was paid
};
// Errors: not_found, conflict (it is no payment, or has not succeeded).
Result<Refundable> find_refundable(db::Transaction& tx, Scope scope, std::string_view reference);

struct NewRefund {
  Scope scope;
  PaymentId payment;
  std::string reference;
  std::optional<Money> amount;  // none: all that is left
  std::optional<std::string> reason;
  RefundWay way = RefundWay::by_rail;
  std::int64_t rail = 0;
  std::optional<KeyClaim> key;
  Timestamp now;
};
// Writes the refund, its attempt and the idempotency record together, holds its amount and reserves it in the payment;
// or gives the answer that is stored under the key. Errors: conflict (reference used, key used for another request, not
// a payment that has succeeded, more than is left of it), in_progress, insufficient_funds.
Result<std::variant<Opened, StoredAnswer>> open_refund(db::Transaction& tx, const NewRefund& refund);
// The refund has failed, or come back: its part of the payment may be refunded again.
void give_up_reserve(db::Transaction& tx, const Payment& refund);

// The attempt by which a payment was paid; nothing where it was not.
std::optional<Attempt> succeeded_attempt(db::Transaction& tx, const Payment& payment);

struct Refund {
  Payment refund;
  std::string payment_reference;
};
// Errors: not_found (also when the reference is of something else).
Result<Refund> find_refund(db::Transaction& tx, Scope scope, std::string_view reference);
// Newest first.
Page<Refund> list_refunds(db::Transaction& tx, Scope scope, std::int64_t page);
// Of one payment, the oldest first, at most refunds_shown_max.
std::vector<Refund> refunds_of(db::Transaction& tx, const Payment& payment);

}  // namespace epay::payments
