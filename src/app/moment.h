// Moments as people and services write them.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/timestamp.h"

namespace epay::app {

// "2026-01-25 12:53:29" (the wire's form, UTC) or ISO 8601 with a zone: "2026-01-25T12:53:29.5Z", "…+01:00". Error:
// invalid.
Result<Timestamp> parse_moment(std::string_view text);
// The same, or a duration before `now`: "24h".
Result<Timestamp> parse_moment_or_age(std::string_view text, Timestamp now);

}  // namespace epay::app
