#include "payments/opening.h"

#include "base/check.h"
#include "payments/payment_rows.h"
#include "payments/poll_schedule.h"
#include "payments/refund.h"

namespace epay::payments {
namespace {

Result<Opened> resume(db::Transaction& tx, Scope scope, const std::string& reference) {
  auto payment = find_payment(tx, scope, reference);
  if (!payment) return fail(ErrorCode::conflict, "The reference " + reference + " has been used already");
  Opened opened{.payment = *std::move(payment), .resumed = true};
  opened.attempt = last_attempt(tx, opened.payment);
  if (opened.payment.customer) opened.customer = *find_customer(tx, scope, *opened.payment.customer);
  if (opened.payment.refund_of) opened.original = original_of(tx, opened.payment);
  return opened;
}

}  // namespace

Result<std::optional<Opening>> opened_before(db::Transaction& tx, Scope scope, const KeyClaim& key,
                                             const std::string& reference, Timestamp now) {
  const auto record = find_key(tx, scope.merchant, key, now);
  if (!record) return std::unexpected(record.error());
  if (!*record) return std::nullopt;
  if ((*record)->answer) return Opening(*(*record)->answer);
  take_over_key(tx, scope.merchant, key, **record);
  auto opened = resume(tx, scope, reference);
  if (!opened) return std::unexpected(opened.error());
  return Opening(*std::move(opened));
}

Attempt open_first_attempt(db::Transaction& tx, const Payment& payment, std::int64_t rail, Timestamp now) {
  Attempt attempt{
      .key = {payment.scope, payment.id, 1}, .rail = rail, .poll_at = now + first_poll_after, .created_at = now};
  insert_attempt(tx, attempt);
  return attempt;
}

OriginalOrder original_of(db::Transaction& tx, const Payment& refund) {
  const auto payment = find_payment(tx, refund.scope, *refund.refund_of);
  EPAY_CHECK(payment.has_value());
  const auto attempt = succeeded_attempt(tx, *payment);
  EPAY_CHECK(attempt.has_value());
  return {rail_reference_of(attempt->key), attempt->rail_id, payment->charged()};
}

}  // namespace epay::payments
