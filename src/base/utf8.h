#pragma once

#include <cstddef>
#include <string_view>

namespace epay {

// Bytes of the well-formed UTF-8 sequence at the start of `text` (1–4); 0 when it is ill-formed (Unicode 15, table
// 3-7).
std::size_t utf8_sequence_length(std::string_view text);
bool is_utf8(std::string_view text);
// Number of code points; ill-formed bytes count one each.
std::size_t utf8_length(std::string_view text);

}  // namespace epay
