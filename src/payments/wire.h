// Customers and transactions as the wire shows them (WIRE §3, §4): keys, order and types are exact.
#pragma once

#include <optional>
#include <string>

#include "base/json_writer.h"
#include "payments/customer.h"
#include "payments/payment.h"
#include "payments/payment_page.h"

namespace epay::payments {

void write_customer(JsonWriter& json, const Customer& customer);

enum class WithCustomer { yes, no };
void write_transaction(JsonWriter& json, const Payment& payment, WithCustomer with_customer);

// A refund; `payment_reference` is that of the payment that it gives back from.
void write_refund(JsonWriter& json, const Payment& refund, const std::string& payment_reference);

// The body of payment.success and payment.failed (WIRE §4).
std::string notification(const Payment& payment, const Customer& customer, const std::optional<PageSummary>& page);
// The "data" of payment.pending, payout events and customer.created.
std::string pending_data(const Payment& payment, const Customer& customer, const std::optional<PageSummary>& page);
std::string transaction_data(const Payment& payment);
// The same of refund events.
std::string refund_data(const Payment& refund, const Payment& payment);
std::string customer_data(const Customer& customer);

}  // namespace epay::payments
