#include "payments/payment_days.h"

#include "payments/payment_store.h"

namespace epay::payments {
namespace {

void add(db::Transaction& tx, const Payment& payment, Timestamp at, const DayFigures& figures) {
  tx.execute(store::count_payment_day, payment.scope.merchant, payment.scope.mode, at.day(), payment.kind,
             payment.amount.currency.code(), payment.method, figures.succeeded, figures.succeeded_minor,
             figures.fees_minor, figures.failed);
}

}  // namespace

DayFigures figures_of(PaymentStatus status, std::int64_t amount_minor, std::int64_t fee_minor) {
  switch (status) {
    case PaymentStatus::created:
    case PaymentStatus::pending: return {};
    case PaymentStatus::succeeded: return {1, amount_minor, fee_minor, 0};
    case PaymentStatus::failed:
    case PaymentStatus::expired:
    case PaymentStatus::reversed: return {0, 0, 0, 1};
  }
  return {};
}

void count_end(db::Transaction& tx, const Payment& payment, PaymentStatus before, Timestamp since) {
  const DayFigures counted = figures_of(before, payment.amount.minor, payment.fee_minor);
  if (counted != DayFigures()) {
    add(tx, payment, since, {-counted.succeeded, -counted.succeeded_minor, -counted.fees_minor, -counted.failed});
  }
  add(tx, payment, payment.updated_at, figures_of(payment.status, payment.amount.minor, payment.fee_minor));
}

std::map<DayKey, DayFigures> days_of(db::Transaction& tx, MerchantId merchant) {
  std::map<DayKey, DayFigures> days;
  tx.query_each(
      store::select_payment_days,
      [&](const db::Row& row) {
        const DayKey key{row.as<Mode>(0), row.integer(1), row.as<PaymentKind>(2), row.string(3), row.as<Method>(4)};
        days[key] = {row.integer(5), row.integer(6), row.integer(7), row.integer(8)};
      },
      merchant);
  return days;
}

}  // namespace epay::payments
