// What the values of header fields are made of (RFC 9110 §5.6).
#pragma once

#include <string_view>

namespace epay::http {

// Without the blanks and tabs at both ends.
std::string_view trim_blanks(std::string_view text);
bool is_control_character(unsigned char c);  // tab, line ends and DEL among them
bool is_token(std::string_view text);        // not empty, and of token characters only

}  // namespace epay::http
