#pragma once

#include <cstddef>
#include <string_view>

namespace epay {

inline constexpr std::size_t email_max = 254;  // RFC 5321

// Looks like an address that mail could be sent to: one @, something on both sides, no blanks or control characters.
bool is_email(std::string_view text);

}  // namespace epay
