// A form that moves money names its one movement: sent twice, it is the same.
#pragma once

#include <string>
#include <string_view>

#include "http/form.h"
#include "runtime/random.h"

namespace epay::pages::money {

std::string new_reference(std::string_view prefix, Random& random);
bool is_reference(std::string_view prefix, std::string_view text);

// A text of one line, trimmed.
std::string field_of(const http::Form& form, std::string_view name);

}  // namespace epay::pages::money
