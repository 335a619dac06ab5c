// When a rail is asked about an attempt that is open (RAILS §7): 5, 10, 15, 20, 30 s after it began, then every 30 s
// until 5 min, every 2 min until 30 min, every 15 min until 6 h, hourly until 24 h (payouts and refunds 72 h); each
// wait ±20 %.
#pragma once

#include <optional>

#include "base/timestamp.h"
#include "payments/status.h"

namespace epay::payments {

// `jitter` is chance in [0, 400): it stretches the wait to 80–120 %. Nothing when it has been asked about for long
// enough: then it is a person's.
std::optional<Timestamp> next_poll_at(PaymentKind kind, Timestamp began, Timestamp now, int jitter);

// The first poll of an attempt; it comes sooner when the rail calls back.
inline constexpr seconds first_poll_after{5};

}  // namespace epay::payments
