// Lists and statements as CSV of any length: read and sent some rows at a time, in constant memory.
#pragma once

#include <cstdint>

#include "db/database.h"
#include "http/message.h"
#include "ledger/wallet.h"
#include "lists/payment_list.h"

namespace epay::lists {

// Every payment that the filter lets through, the newest first. What comes in meanwhile is not among them. Ends when
// the client is gone; throws when the store fails, so that the client knows that the file is not whole.
Task<void> write_payments(http::BodyWriter& out, db::Database& database, Scope scope, PaymentFilter filter);

// The opening balance, every entry of the days, and the closing balance.
Task<void> write_statement(http::BodyWriter& out, db::Database& database, ledger::WalletKey wallet, std::int64_t first_day,
                           std::int64_t last_day);

// "success": as the wire and the files call it; "expired" is told apart from "failed" here.
std::string_view name_of(payments::PaymentStatus status);
// "payment", "fee", "payout_hold", …
std::string_view name_of(ledger::Reason reason);

}  // namespace epay::lists
