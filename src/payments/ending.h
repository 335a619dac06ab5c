// How a payment or payout ends, and what its merchant hears of it: part of the transaction that makes it so.
#pragma once

#include "base/timestamp.h"
#include "db/database.h"
#include "events/event.h"
#include "payments/payment.h"

namespace epay::payments {

// Moves it from the status that was read to a last one, counts it in its page's totals, and tells its merchant. Money
// is moved by whoever knows that it has moved. The result is to be published once this is durable.
events::Recorded end_payment(db::Transaction& tx, Payment& payment, PaymentStatus to, Timestamp now);

// The rail has it: whoever asked for that hears so, once for each payment.
events::Recorded tell_pending(db::Transaction& tx, Payment& payment, Timestamp now);

}  // namespace epay::payments
