#include "emulators/hubtel/bodies.h"

#include "base/json_writer.h"

namespace epay::emulators::hubtel {
namespace {

// Amounts are numbers in cedis.
void write_amount(JsonWriter& json, std::string_view key, std::int64_t minor, Currency currency) {
  json.key(key).raw(Money{minor, currency}.to_decimal());
}

void write_amounts(JsonWriter& json, const Order& order) {
  const Currency currency = order.moved.currency;
  const std::int64_t charged = order.moved.minor + (order.customer_pays_fee ? order.fee : 0);
  write_amount(json, "Amount", order.moved.minor, currency);
  write_amount(json, "Charges", order.fee, currency);
  write_amount(json, "AmountAfterCharges", order.moved.minor - (order.customer_pays_fee ? 0 : order.fee), currency);
  write_amount(json, "AmountCharged", charged, currency);
}

// Whether refunds have given all of it back.
bool is_refunded(const Engine& engine, const Order& order) {
  std::int64_t left = order.moved.minor;
  for (const auto& [key, other] : engine.orders()) {
    const bool counts = other.kind == "refund" && other.status == Status::succeeded;
    if (counts && other.detail_text("order") == order.id) left -= other.moved.minor;
  }
  return order.status == Status::succeeded && left <= 0;
}

// The document has "success" alone; clients of others know "pending" and "failed", too.
std::string_view payout_word(Status status) {
  switch (status) {
    case Status::succeeded: return "success";
    case Status::failed: return "failed";
    case Status::reversed: return "reversed";
    case Status::created:
    case Status::pending:
    case Status::waiting: return "pending";
  }
  return "";
}

}  // namespace

http::Response envelope(int status, std::string_view code, std::string_view message, std::string_view data) {
  JsonWriter json;
  json.begin_object().member("Message", message).member("ResponseCode", code).key("Data").raw(data);
  return http::Response::json(status, json.end_object().take());
}

std::string created_data(const Order& order) {
  JsonWriter json;
  json.begin_object()
      .member("TransactionId", order.id)
      .key("Description")
      .raw(order.detail("description"))
      .member("ClientReference", order.client_reference);
  write_amounts(json, order);
  json.key("DeliveryFee").raw("0.0");
  return json.end_object().take();
}

std::string callback_body(Engine& engine, const Order& order) {
  const bool has_succeeded = order.status == Status::succeeded;
  JsonWriter json;
  json.begin_object()
      .member("ResponseCode", has_succeeded ? "0000" : "2001")
      .member("Message", has_succeeded ? std::string_view("success") : telco_text(order.reason))
      .key("Data")
      .begin_object();
  write_amounts(json, order);
  json.key("Description")
      .raw(order.detail("description"))
      .member("ClientReference", order.client_reference)
      .member("TransactionId", order.id)
      .member("ExternalTransactionId", order.rail_reference)
      .member("OrderId", order.id)
      .member("PaymentDate", engine.shown(order.decided_at.value_or(engine.now())).to_iso8601());
  return json.end_object().end_object().take();
}

std::string status_body(Engine& engine, const Order& order) {
  const bool came_back = order.status == Status::reversed || is_refunded(engine, order);
  const std::string_view word = came_back ? "Refunded" : order.status == Status::succeeded ? "Paid" : "Unpaid";
  const Currency currency = order.moved.currency;
  JsonWriter json;
  json.begin_object()
      .member("message", "Successful")
      .member("responseCode", "0000")
      .key("data")
      .begin_object()
      // Without a zone, as the vendor has it.
      .member("date", engine.shown(order.created_at).to_iso8601().substr(0, 23))
      .member("status", word)
      .member("transactionId", order.id);
  if (order.status == Status::succeeded) {
    json.member("externalTransactionId", order.rail_reference);
  } else {
    json.key("externalTransactionId").null();
  }
  json.member("paymentMethod", order.customer.starts_with("bank:") ? "bank" : "mobilemoney")
      .member("clientReference", order.client_reference)
      .key("currencyCode")
      .null();
  write_amount(json, "amount", order.moved.minor, currency);
  write_amount(json, "charges", order.fee, currency);
  write_amount(json, "amountAfterCharges", order.moved.minor - (order.customer_pays_fee ? 0 : order.fee), currency);
  json.key("isFulfilled").null();
  return json.end_object().end_object().take();
}

std::string payout_status_body(Engine& engine, const Order& order) {
  const Currency currency = order.moved.currency;
  const bool to_bank = order.customer.starts_with("bank:");
  JsonWriter json;
  json.begin_object()
      .member("ResponseCode", "success")
      .key("Data")
      .begin_object()
      .member("TransactionId", order.id)
      .member("networkTransactionId", order.rail_reference);
  write_amount(json, "Amount", order.moved.minor, currency);
  write_amount(json, "Fees", order.fee, currency);
  json.member("ClientReference", order.client_reference)
      .member("Channel", to_bank ? "bank" : order.detail_text("channel"))
      .member("CustomerNumber", order.customer_number())
      .member("transactionStatus", payout_word(order.status))
      .member("CreatedAt", engine.shown(order.created_at).to_iso8601().substr(0, 19));
  return json.end_object().end_object().take();
}

std::string_view telco_text(std::string_view reason) {
  struct Text {
    std::string_view reason, text;
  };
  static constexpr Text texts[] = {
      {"NOT_ENOUGH_FUNDS", "failed: the customer has insufficient funds in their wallet"},
      {"PAYER_LIMIT_REACHED", "failed: the customer has reached their wallet's limit"},
      {"APPROVAL_REJECTED", "failed: the customer entered a wrong PIN or declined"},
      {"EXPIRED", "failed: the USSD session timed out"},
      {"COULD_NOT_PERFORM_TRANSACTION", "failed: the USSD session timed out"},
      {"PAYER_NOT_FOUND", "failed: account holder not found"},
      {"PAYEE_NOT_FOUND", "failed: account holder not found"},
      {"WRONG_CHANNEL", "failed: the number provided does not match the channel"},
  };
  for (const Text& row : texts) {
    if (row.reason == reason) return row.text;
  }
  return "failed";
}

const http::Json* find_any_case(const http::Json& body, std::string_view name) {
  for (const auto& [key, value] : body.members) {
    if (http::equal_ignoring_case(key, name)) return &value;
  }
  return nullptr;
}

std::string text_any_case(const http::Json& body, std::string_view name) {
  const http::Json* member = find_any_case(body, name);
  const bool has_text =
      member != nullptr && (member->kind == http::Json::Kind::string || member->kind == http::Json::Kind::number);
  return has_text ? member->text : "";
}

}  // namespace epay::emulators::hubtel
