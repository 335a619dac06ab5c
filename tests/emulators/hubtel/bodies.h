// Hubtel's bodies, in the vendor's words.
#pragma once

#include <string>
#include <string_view>

#include "emulators/engine.h"

namespace epay::emulators::hubtel {

// {"Message":…,"ResponseCode":…,"Data":…}; without data where that is empty.
http::Response envelope(int status, std::string_view code, std::string_view message, std::string_view data = "null");
// What became of an order: as a callback says it.
std::string callback_body(Engine& engine, const Order& order);
// The data of a create's answer, and of a status.
std::string created_data(const Order& order);
std::string status_body(Engine& engine, const Order& order);
// Payouts have a status of another form.
std::string payout_status_body(Engine& engine, const Order& order);
// The telco's text for a failure.
std::string_view telco_text(std::string_view reason);

// The member of a body whose name fits without case; null when there is none.
const http::Json* find_any_case(const http::Json& body, std::string_view name);
std::string text_any_case(const http::Json& body, std::string_view name);

}  // namespace epay::emulators::hubtel
