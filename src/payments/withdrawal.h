// A payout or refund as the books have it.
#pragma once

#include "ledger/ledger.h"
#include "payments/payment.h"

namespace epay::payments {

ledger::Withdrawal withdrawal_of(const Payment& outgoing);

}  // namespace epay::payments
