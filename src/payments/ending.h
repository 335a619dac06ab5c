// How a payment or payout ends, and what its merchant hears of it: part of the transaction that makes it so.
#pragma once

#include "base/timestamp.h"
#include "db/database.h"
#include "events/event.h"
#include "payments/payment.h"

namespace epay::payments {

// A payment's end, asked of the store.
class AskedEnd {
 public:
  AskedEnd(events::Recorded recorded, db::Changes changed)
      : recorded_(std::move(recorded)), changed_(std::move(changed)) {}
  // Makes sure that the payment stood where it was read, which may mean to wait: when all else has been asked for. To
  // be published once this is durable.
  events::Recorded recorded() &&;

 private:
  events::Recorded recorded_;
  db::Changes changed_;
};

// Moves it from the status that was read to a last one, counts it in its page's totals, and tells its merchant. Money
// is moved by whoever knows that it has moved.
AskedEnd end_payment(db::Transaction& tx, Payment& payment, PaymentStatus to, Timestamp now);

// The rail has it: whoever asked for that hears so, once for each payment.
events::Recorded tell_pending(db::Transaction& tx, Payment& payment, Timestamp now);

}  // namespace epay::payments
