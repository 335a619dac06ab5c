#include "payments/verify.h"

#include "payments/status.h"

namespace epay::payments {
namespace {

// The entries of each payment by reason (ledger::Reason): 1 and 2 credit a payment, 3 holds, 4 settles, 5 releases a payout.
constexpr db::Sql select_sums{
    "SELECT p.merchant_id, p.id, p.kind, p.status, p.amount_minor, t.credited, t.held, t.settled, t.released "
    "FROM payments p LEFT JOIN (SELECT merchant_id, payment_id, "
    "sum(CASE WHEN reason IN (1, 2) THEN amount_minor ELSE 0 END) AS credited, "
    "sum(CASE WHEN reason = 3 THEN amount_minor ELSE 0 END) AS held, "
    "sum(CASE WHEN reason = 4 THEN amount_minor ELSE 0 END) AS settled, "
    "sum(CASE WHEN reason = 5 THEN amount_minor ELSE 0 END) AS released "
    "FROM transfers GROUP BY merchant_id, payment_id) t ON t.merchant_id = p.merchant_id AND t.payment_id = p.id"};

struct Sums {
  std::int64_t credited, held, settled, released;
  friend bool operator==(const Sums&, const Sums&) = default;
};

Sums expected(PaymentKind kind, PaymentStatus status, std::int64_t amount) {
  const bool succeeded = status == PaymentStatus::succeeded;
  const bool failed = status == PaymentStatus::failed;
  if (kind == PaymentKind::payment) return {succeeded ? amount : 0, 0, 0, 0};
  return {0, amount, succeeded ? amount : 0, failed ? amount : 0};
}

std::string show(const Sums& sums) {
  return "credited " + std::to_string(sums.credited) + ", held " + std::to_string(sums.held) + ", settled " +
         std::to_string(sums.settled) + ", released " + std::to_string(sums.released);
}

}  // namespace

std::vector<std::string> verify(db::Transaction& tx) {
  std::vector<std::string> wrong;
  tx.query_each(select_sums, [&](const db::Row& row) {
    const Sums found{row.integer(5), row.integer(6), row.integer(7), row.integer(8)};
    const Sums wanted = expected(row.as<PaymentKind>(2), row.as<PaymentStatus>(3), row.integer(4));
    if (found == wanted) return;
    wrong.push_back("merchant " + std::to_string(row.integer(0)) + ", payment " + std::to_string(row.integer(1)) +
                    ": its status asks for (" + show(wanted) + "), its entries say (" + show(found) + ")");
  });
  return wrong;
}

}  // namespace epay::payments
