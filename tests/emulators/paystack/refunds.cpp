#include "base/json_writer.h"
#include "emulators/json_text.h"
#include "emulators/paystack/service.h"
#include "emulators/replies.h"

namespace epay::emulators::paystack {
namespace {

constexpr std::int64_t first_refund = 5'000'001;

// Cards of the vendor's test data whose refunds go wrong.
constexpr std::string_view card_refund_fails = "4084080000671803";
constexpr std::string_view card_refund_needs_attention = "4084080000671902";

http::Response unknown_refund() { return refuse({404, "Refund not found", "validation_error", "refund_not_found"}); }

}  // namespace

std::string refund_failure_of(std::string_view customer) {
  if (customer.ends_with(card_refund_fails)) return "INTERNAL_PROCESSING_ERROR";
  if (customer.ends_with(card_refund_needs_attention)) return "NEEDS_ATTENTION";
  return "";
}

std::expected<Order, http::Response> Paystack::read_refund(const http::Json& body) {
  const auto refused = [](std::string_view message, std::string_view code) {
    return std::unexpected(refuse({400, message, "validation_error", code}));
  };
  const std::string asked = text_of(body, "transaction");
  const Order* paid = engine_.find_if([&](const Order& order) {
    return order.kind == "charge" && (order.id == asked || order.rail_reference == asked);
  });
  if (paid == nullptr) {
    return std::unexpected(refuse({404, "Transaction not found", "validation_error", "transaction_not_found"}));
  }
  if (paid->status != Status::succeeded) return refused("Transaction has not been paid", "invalid_state");
  std::int64_t left = paid->moved.minor;
  for (const auto& [key, other] : engine_.orders()) {
    const bool counts = other.kind == "refund" && other.status != Status::failed;
    if (counts && other.detail_text("transaction_reference") == paid->id) left -= other.amount.minor;
  }
  if (left <= 0) return refused("Transaction has been fully reversed", "transaction_reversed");
  const std::int64_t amount = body.find("amount") == nullptr ? left : number_of(body, "amount", 0);
  if (amount <= 0) return refused("Refund amount is invalid", "invalid_params");
  if (amount > left) return refused("Refund amount cannot be more than transaction amount", "invalid_params");
  const std::string id = std::to_string(engine_.next_number("paystack_refund", first_refund));
  const std::string note = text_of(body, "merchant_note");
  Order order{.kind = "refund",
              .id = id,
              .client_reference = note.empty() ? "refund:" + id : note,
              .rail_reference = id,
              .pays_out = true,
              .amount = {amount, paid->moved.currency},
              .customer = paid->customer,
              .merchant = std::string(balance_account)};
  order.details["transaction"] = paid->rail_reference;
  order.set_text("transaction_reference", paid->id);
  order.details["channel"] = paid->detail("channel");
  order.details["email"] = paid->detail("email");
  order.set_text("customer_note", text_of(body, "customer_note"));
  order.set_text("merchant_note", note);
  return order;
}

Paystack::Answer Paystack::refund(http::Request& request) {
  const auto body = json_object(request);
  if (!body) co_return refuse({400, "Invalid JSON", "validation_error", "invalid_params"});
  auto order = read_refund(*body);
  if (!order) co_return order.error();
  const std::string key = order->key();
  const Wire wire = co_await engine_.create(*std::move(order));
  const Order* made = engine_.by_key(key);
  if (made == nullptr) co_return Engine::answer(wire, error(504, "Gateway Timeout"));
  co_return about(
      key, Engine::answer(wire, success(200, "Refund has been queued for processing", refund_body(engine_, *made))));
}

Paystack::Answer Paystack::list_refunds(http::Request& request) {
  std::string asked = request.query_parameter("transaction").value_or("");
  if (asked.empty()) asked = request.query_parameter("reference").value_or("");
  JsonWriter json;
  json.begin_array();
  std::size_t total = 0;
  for (const auto& [key, order] : engine_.orders()) {
    if (order.kind != "refund") continue;
    const bool fits =
        asked.empty() || order.detail("transaction") == asked || order.detail_text("transaction_reference") == asked;
    if (!fits) continue;
    ++total;
    json.raw(refund_body(engine_, order));
  }
  co_return success_list("Refunds retrieved", json.end_array().take(), total);
}

Paystack::Answer Paystack::show_refund(http::Request& request) {
  const Order* order = engine_.find("refund", request.path_parameters.at(0));
  if (order == nullptr) co_return unknown_refund();
  co_return about(order->key(), success(200, "Refund retrieved", refund_body(engine_, *order)));
}

// The customer has told where the money shall go.
Paystack::Answer Paystack::retry_refund(http::Request& request) {
  Order* order = engine_.find_any("refund", request.path_parameters.at(0));
  if (order == nullptr) co_return unknown_refund();
  const auto body = json_object(request);
  const http::Json* account = body ? object_of(*body, "refund_account_details") : nullptr;
  if (account == nullptr || text_of(*account, "account_number").empty()) {
    co_return refuse({400, "refund_account_details are required", "validation_error", "missing_params"});
  }
  if (order->status != Status::failed || order->reason != "NEEDS_ATTENTION") {
    co_return refuse({400, "Refund does not need attention", "validation_error", "invalid_state"});
  }
  order->customer = "bank:" + text_of(*account, "bank_id") + ":" + text_of(*account, "account_number");
  order->scenario.failure.clear();
  order->reason.clear();
  engine_.go_on(*order);
  co_return about(order->key(),
                  success(200, "Refund retried and has been queued for processing", refund_body(engine_, *order)));
}

}  // namespace epay::emulators::paystack
