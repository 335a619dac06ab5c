#include "payments/payment_rows.h"

#include "base/check.h"
#include "payments/payment_store.h"

namespace epay::payments {

Payment read_payment(const db::Row& row, Scope scope) {
  const auto currency = Currency::parse(row.text(11));
  EPAY_CHECK(currency.has_value());
  return {.scope = scope,
          .id = row.id<PaymentId>(0),
          .kind = row.as<PaymentKind>(1),
          .status = row.as<PaymentStatus>(2),
          .late = row.integer(3) != 0,
          .reference = row.string(4),
          .customer = row.is_null(5) ? std::nullopt : std::optional(row.id<CustomerId>(5)),
          .method = row.as<Method>(6),
          .wallet_number = row.optional_string(7),
          .wallet_network = row.optional_string(8),
          .amount = {row.integer(9), *currency},
          .fee_minor = row.integer(10),
          .description = row.optional_string(12),
          .created_at = row.time(13),
          .updated_at = row.time(14),
          .expires_at = row.time(15),
          .events = {row.integer(16), row.is_null(17) ? std::nullopt : std::optional(row.id<EventId>(17))},
          .page = row.is_null(18) ? std::nullopt : std::optional(row.id<PageId>(18)),
          .checkout_until = row.is_null(19) ? std::nullopt : std::optional(row.time(19)),
          .refund_of = row.is_null(20) ? std::nullopt : std::optional(row.id<PaymentId>(20)),
          .refunded_minor = row.integer(21),
          .refund_way = row.is_null(22) ? std::nullopt : std::optional(row.as<RefundWay>(22)),
          .payee_name = row.optional_string(23),
          .fee_bearer = row.as<FeeBearer>(24)};
}

Attempt read_attempt(const db::Row& row, int first, Scope scope, PaymentId payment) {
  return {.key = {scope, payment, int(row.integer(first))},
          .rail = row.integer(first + 1),
          .status = row.as<AttemptStatus>(first + 2),
          .rail_id = row.optional_string(first + 3),
          .redirect_url = row.optional_string(first + 4),
          .failure = row.optional_string(first + 5),
          .polls = int(row.integer(first + 6)),
          .poll_at = row.is_null(first + 7) ? std::nullopt : std::optional(row.time(first + 7)),
          .created_at = row.time(first + 8),
          .method = row.is_null(first + 9) ? std::nullopt : std::optional(row.as<Method>(first + 9)),
          .wallet_number = row.optional_string(first + 10),
          .wallet_network = row.optional_string(first + 11)};
}

void insert_attempt(db::Transaction& tx, const Attempt& attempt) {
  tx.execute(store::insert_attempt, attempt.key.scope.merchant, attempt.key.payment, attempt.key.number,
             attempt.key.scope.mode, attempt.rail, attempt.status, attempt.poll_at, attempt.created_at, attempt.method,
             attempt.wallet_number, attempt.wallet_network, tx.process());
}

}  // namespace epay::payments
