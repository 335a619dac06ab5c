// Reading what rails answer: members that may be missing, be null or have another type than the document says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/money.h"
#include "http/json.h"

namespace epay::rails {

// The member of that name where `json` is an object and has it.
const http::Json* member_of(const http::Json& json, std::string_view name);
// The text of a member that is a string or a number, and not empty.
std::optional<std::string> text_of(const http::Json& json, std::string_view name);

// An amount in major units, as a number or as text: "12.5", "12.500" and 12.50 are twelve and a half. Nothing for what
// is no amount above zero, or none of this currency.
std::optional<Money> major_units(const http::Json* amount, Currency currency);
// In minor units, as a number or as text: 1250.
std::optional<Money> minor_units(const http::Json* amount, Currency currency);

}  // namespace epay::rails
