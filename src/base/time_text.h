// Times as clients write them.
#pragma once

#include <optional>
#include <string_view>

#include "base/timestamp.h"

namespace epay {

inline constexpr std::string_view time_forms =
    "must be a time such as 2026-01-25 12:53:29 (UTC), 2026-01-25T12:53:29Z or 1769345609 (Unix seconds)";

// "2026-01-25 12:53:29" or with a T; a fraction of a second; "Z" or an offset such as "+01:00", else UTC. A date alone
// is its midnight. Digits alone are Unix seconds. Nothing for any other text, nor for times before 1970 or after 9999.
std::optional<Timestamp> parse_time(std::string_view text);

}  // namespace epay
