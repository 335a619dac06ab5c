// Durations as people write them: "0", "250ms", "2s", "5m", "24h".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/timestamp.h"

namespace epay {

// Error: invalid. At most ten years.
Result<microseconds> parse_duration(std::string_view text);

}  // namespace epay
