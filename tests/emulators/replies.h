// Small things that every vendor's endpoints need.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "http/json.h"
#include "http/message.h"
#include "runtime/random.h"

namespace epay::emulators {

// A body that is a JSON object; nothing for any other.
std::optional<http::Json> json_object(const http::Request& request);
// User and password of "Authorization: Basic …".
std::optional<std::pair<std::string, std::string>> basic_credentials(const http::Request& request);
// What follows "Bearer "; empty when there is none.
std::string_view bearer_token(const http::Request& request);
// 8-4-4-4-12 hexadecimal digits of version 4.
bool is_uuid4(std::string_view text);
std::string new_uuid4(Random& random);
// A person's name, always the same for a number.
std::string name_of_number(std::string_view number);

}  // namespace epay::emulators
