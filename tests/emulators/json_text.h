// JSON documents read and written back, as the rails' own words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/json.h"

namespace epay::emulators {

// Compact, as JavaScript's JSON.stringify writes it; numbers as they were written.
std::string to_text(const http::Json& json);
// A member's text where it is a string or a number; empty where it is absent or anything else.
std::string text_of(const http::Json& object, std::string_view key);
// A member that is an object; null where there is none.
const http::Json* object_of(const http::Json& object, std::string_view key);
// A member that is true, or the word "true".
bool truth_of(const http::Json& object, std::string_view key);
// A member that is a whole number, or digits; `otherwise` where it is absent or anything else.
std::int64_t number_of(const http::Json& object, std::string_view key, std::int64_t otherwise);

// What follows are changes that a reader must bear (or notice): of a document that is no object they change nothing.

// Each top-level member that is no object or array stands twice, first with another value: the last one counts.
std::string with_duplicate_keys(const http::Json& document);
// Members that no document mentions, after the others; the last is a text of `bytes` bytes.
std::string with_unknown_members(const http::Json& document, std::size_t bytes);
// Members of these names left out, at any depth.
std::string without_members(http::Json document, const std::vector<std::string>& names);
// Numbers written as texts, at any depth; and the other way round where a text is a number.
std::string with_numbers_as_texts(const http::Json& document);
std::string with_texts_as_numbers(const http::Json& document);
// UTF-16 with a byte order mark. Of ASCII text.
std::string in_utf16(std::string_view text);
// An array within an array, `depth` deep.
std::string nested_arrays(std::size_t depth);

}  // namespace epay::emulators
