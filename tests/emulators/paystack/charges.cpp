#include <algorithm>

#include "base/json_writer.h"
#include "emulators/json_text.h"
#include "emulators/paystack/service.h"
#include "emulators/replies.h"

namespace epay::emulators::paystack {
namespace {

constexpr std::int64_t first_transaction = 3'000'000'001;
constexpr std::size_t reference_length = 15;
constexpr std::size_t list_max = 50;
// How often a code may be wrong.
constexpr std::size_t wrong_otps_max = 3;
// 1.95 %, in parts of ten thousand.
constexpr std::int64_t fee_rate = 195, fee_parts = 10'000;

bool is_reference(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
           c == '=';
  });
}

// Half a pesewa is rounded up.
std::int64_t fee_of(std::int64_t minor) { return (minor * fee_rate + fee_parts / 2) / fee_parts; }

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

// What a charge comes to at once.
std::string attempted(Engine& engine, const Order& order) {
  if (is_final(order.status)) return charge_body(engine, order, charge_word(order));
  const bool says_pending = engine.switches().is("paystack.charge.answer", "pending");
  if (order.status == Status::waiting || !says_pending) return prompt_body(order);
  JsonWriter json;
  json.begin_object().member("reference", order.id).member("status", "pending");
  return json.end_object().take();
}

}  // namespace

http::Response Paystack::unknown_reference() {
  const std::string status = engine_.switches().next("paystack.verify_unknown.http");
  return refuse(
      {status == "404" ? 404 : 400, "Transaction reference not found.", "validation_error", "transaction_not_found"});
}

// What charge and initialize have in common.
std::expected<Order, http::Response> Paystack::read_charge(const http::Json& body) {
  const auto refused = [](std::string_view message, std::string_view code) {
    return std::unexpected(refuse({400, message, "validation_error", code}));
  };
  const std::string email = text_of(body, "email");
  if (email.find('@') == std::string::npos) return refused("Invalid Email Address Passed", "invalid_params");
  const std::int64_t amount = number_of(body, "amount", 0);
  if (amount <= 0) return refused("Invalid Amount Sent", "invalid_params");
  std::string currency = text_of(body, "currency");
  if (currency.empty()) currency = "GHS";
  if (currency != "GHS") return refused("Currency not supported by merchant", "unsupported_currency");
  std::string reference = text_of(body, "reference");
  if (body.find("reference") == nullptr) {
    reference = lower(engine_.seams().random.text(reference_length, Random::letters_and_digits));
  }
  if (!is_reference(reference)) return refused("Transaction reference is not valid", "invalid_params");
  if (engine_.find_any("charge", reference) != nullptr) {
    return refused("Duplicate Transaction Reference", "duplicate_reference");
  }
  Order order{.kind = "charge",
              .id = reference,
              .client_reference = reference,
              .rail_reference = std::to_string(engine_.next_number("paystack_transaction", first_transaction)),
              .amount = {amount, Currency::ghs()},
              .fee = fee_of(amount),
              .merchant = std::string(balance_account)};
  order.set_text("email", email);
  if (const http::Json* metadata = body.find("metadata")) order.details["metadata"] = to_text(*metadata);
  return order;
}

Paystack::Answer Paystack::charge(http::Request& request) {
  const auto body = json_object(request);
  if (!body) co_return refuse({400, "Invalid JSON", "validation_error", "invalid_params"});
  const http::Json* wallet = object_of(*body, "mobile_money");
  if (wallet == nullptr)
    co_return refuse({400, "Charge method is missing or not supported", "validation_error", "missing_params"});
  auto order = read_charge(*body);
  if (!order) co_return order.error();
  const std::string provider = lower(text_of(*wallet, "provider"));
  const std::string phone = text_of(*wallet, "phone");
  if (provider != "mtn" && provider != "atl" && provider != "vod") {
    co_return refuse({400, "Mobile money provider is not supported", "validation_error", "invalid_params"});
  }
  if (international(phone).size() != std::string_view("233241234567").size()) {
    co_return refuse({400, "Phone number is invalid", "validation_error", "invalid_params"});
  }
  order->customer = "wallet:" + international(phone);
  order->set_text("channel", "mobile_money");
  order->set_text("phone", "0" + international(phone).substr(3));
  order->set_text("provider", provider);
  // Telecel's customers make a voucher first.
  if (provider == "vod") order->status = Status::waiting;
  const std::string key = order->key();
  const Wire wire = co_await engine_.create(*std::move(order));
  const Order* made = engine_.by_key(key);
  if (made == nullptr) co_return Engine::answer(wire, error(504, "Gateway Timeout"));
  if (made->status == Status::waiting) tasks_.spawn(expire(key));
  co_return about(key, Engine::answer(wire, success(200, "Charge attempted", attempted(engine_, *made))));
}

// A customer who has given no code by then gives none.
Task<void> Paystack::expire(std::string key) {
  const Timestamp due = engine_.by_key(key)->created_at + otp_time;
  co_await engine_.seams().clock.sleep(due - engine_.now());
  Order* order = engine_.by_key(key);
  if (order != nullptr && order->status == Status::waiting) engine_.decide(*order, "EXPIRED");
}

Paystack::Answer Paystack::submit_otp(http::Request& request) {
  const auto body = json_object(request);
  const std::string reference = body ? text_of(*body, "reference") : "";
  const std::string otp = body ? text_of(*body, "otp") : "";
  if (reference.empty() || otp.empty()) {
    co_return refuse({400, "otp and reference are required", "validation_error", "missing_params"});
  }
  Order* order = engine_.find_any("charge", reference);
  if (order == nullptr) co_return unknown_reference();
  if (order->status != Status::waiting || order->details.contains("access_code")) {
    co_return about(order->key(),
                    refuse({400, "Charge is not waiting for an OTP", "validation_error", "invalid_transaction_state"}));
  }
  if (!engine_.switches().is("paystack.otp", otp)) {
    // One mark for each that was wrong.
    const std::string wrong = order->detail_text("wrong_otps") + "x";
    order->set_text("wrong_otps", wrong);
    engine_.keep(*order);
    if (wrong.size() >= wrong_otps_max) engine_.decide(*order, "APPROVAL_REJECTED");
    co_return about(order->key(), refuse({400, "Token Is Invalid", "processor_error", "invalid_otp"}));
  }
  engine_.go_on(*order);
  co_return about(order->key(), success(200, "Charge attempted", attempted(engine_, *order)));
}

Paystack::Answer Paystack::check_charge(http::Request& request) {
  const Order* order = engine_.find("charge", request.path_parameters.at(0));
  if (order == nullptr) co_return unknown_reference();
  const bool is_open = !is_final(order->status);
  const std::string data =
      order->status == Status::waiting ? prompt_body(*order) : charge_body(engine_, *order, charge_word(*order));
  co_return about(order->key(), success(200, is_open ? "Reference check successful" : "Charge attempted", data));
}

Paystack::Answer Paystack::verify(http::Request& request) {
  const Order* order = engine_.find("charge", request.path_parameters.at(0));
  if (order == nullptr) co_return unknown_reference();
  co_return about(order->key(),
                  success(200, "Verification successful", charge_body(engine_, *order, verify_word(*order))));
}

Paystack::Answer Paystack::show_transaction(http::Request& request) {
  const std::string& id = request.path_parameters.at(0);
  const Order* order =
      engine_.find_if([&](const Order& one) { return one.kind == "charge" && one.rail_reference == id; });
  if (order == nullptr) {
    co_return refuse({404, "Transaction not found", "validation_error", "transaction_not_found"});
  }
  co_return about(order->key(),
                  success(200, "Transaction retrieved", charge_body(engine_, *order, verify_word(*order))));
}

Paystack::Answer Paystack::list_transactions(http::Request& request) {
  const std::string wanted = request.query_parameter("status").value_or("");
  JsonWriter json;
  json.begin_array();
  std::size_t total = 0;
  for (const auto& [key, order] : engine_.orders()) {
    if (order.kind != "charge" || (!wanted.empty() && wanted != verify_word(order))) continue;
    if (++total <= list_max) json.raw(charge_body(engine_, order, verify_word(order)));
  }
  co_return success_list("Transactions retrieved", json.end_array().take(), total);
}

}  // namespace epay::emulators::paystack
