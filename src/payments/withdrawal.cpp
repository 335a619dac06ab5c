#include "payments/withdrawal.h"

#include "base/check.h"

namespace epay::payments {

ledger::Withdrawal withdrawal_of(const Payment& outgoing) {
  EPAY_CHECK(is_outgoing(outgoing.kind));
  const bool refund = outgoing.kind == PaymentKind::refund;
  return {refund ? ledger::Outgoing::refund : ledger::Outgoing::payout, outgoing.scope, outgoing.id, outgoing.amount,
          outgoing.fee_minor};
}

}  // namespace epay::payments
