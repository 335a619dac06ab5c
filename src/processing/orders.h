// Between our words and a rail's.
#pragma once

#include <string>

#include "payments/outcome.h"
#include "payments/payment.h"
#include "rails/rail.h"

namespace epay::processing {

// What an attempt's failure says after a rail did not know its reference.
inline constexpr std::string_view not_found_at_rail = "not found at the rail";
// What it begins with while nothing has left us.
inline constexpr std::string_view not_sent_to_rail = "not sent: ";

// The bank is named by our code of it. A voucher, name, email and page to return to are not stored with an attempt.
rails::Order order_of(const payments::OpenAttempt& open, std::string origin);
payments::Outcome outcome_of(rails::Reply reply, const rails::Rail& rail);

}  // namespace epay::processing
