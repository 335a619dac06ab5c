// Which payment an event tells of, by the merchant's reference: events do not know payments.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.h"
#include "events/event.h"

namespace epay::payments {

inline constexpr int events_of_payment_max = 100;

std::optional<std::string> reference_of(db::Transaction& tx, Scope scope, PaymentId payment);
// The events of the payment with this reference, newest first, at most events_of_payment_max. Empty when there is no
// such payment.
std::vector<EventId> events_of_reference(db::Transaction& tx, Scope scope, std::string_view reference);

}  // namespace epay::payments
