// Paystack's objects as JSON, in the vendor's words.
#pragma once

#include <string>
#include <string_view>

#include "emulators/engine.h"

namespace epay::emulators::paystack {

// {"status":true,"message":…,"data":…}
http::Response success(int status, std::string_view message, std::string_view data);
// The same with what says which part of a list this is.
http::Response success_list(std::string_view message, std::string_view data, std::size_t total);

struct Refusal {
  int status = 400;
  std::string_view message;
  std::string_view type = "validation_error";  // "api_error", "processor_error"
  std::string_view code = "invalid_params";
};
http::Response refuse(const Refusal& refusal);

// The words of GET /charge/{reference} and of GET /transaction/verify/{reference}.
std::string_view charge_word(const Order& order);
std::string_view verify_word(const Order& order);
std::string_view transfer_word(const Order& order);
std::string_view refund_word(const Order& order);
// What the telco says of a failure.
std::string_view gateway_text(const Order& order);

// {"reference":…,"status":…,"display_text":…}: of a charge that waits for its customer.
std::string prompt_body(const Order& order);
std::string charge_body(Engine& engine, const Order& order, std::string_view word);
std::string transfer_body(Engine& engine, const Order& order, bool with_recipient);
// As GET /refund shows it, and as the messages do.
std::string refund_body(Engine& engine, const Order& order);
std::string refund_message(Engine& engine, const Order& order, bool amount_as_text);

// "2025-01-09T12:00:03.000Z"
std::string time_text(Engine& engine, Timestamp time);
// "test" or "live", by the secret key.
std::string_view domain_of(Engine& engine);

}  // namespace epay::emulators::paystack
