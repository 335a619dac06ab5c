// Pieces of a JSON text as they were written, for what has to be passed on byte for byte.
#pragma once

#include <optional>
#include <string_view>

namespace epay::http {

// The text of a member's value exactly as it stands in `document`, an object that Json::parse() accepts; of a repeated
// key the last. A key is found where it is written without escapes. Nothing for what is no object.
std::optional<std::string_view> raw_member(std::string_view document, std::string_view key);

}  // namespace epay::http
