// Moments as operators write them.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/timestamp.h"

namespace epay::app {

// What the API takes (base/time_text.h), or a duration before `now`: "24h". Error: invalid.
Result<Timestamp> parse_moment(std::string_view text, Timestamp now);

}  // namespace epay::app
