#include "emulators/mpgs/bodies.h"

#include "base/json_writer.h"
#include "emulators/json_text.h"

namespace epay::emulators::mpgs {
namespace {

constexpr std::string_view detail_name = "transactions";

// The documents have amounts as numbers here and as texts there.
void write_amount(Engine& engine, JsonWriter& json, std::string_view key, std::int64_t minor, Currency currency) {
  const std::string decimal = Money{minor, currency}.to_decimal();
  if (engine.switches().is("mpgs.amounts", "texts")) {
    json.member(key, decimal);
  } else {
    json.key(key).raw(decimal);
  }
}

// The gateway's own times have a zone and milliseconds.
std::string time_text(Engine& engine, Timestamp time) { return engine.shown(time).to_iso8601().substr(0, 23) + "Z"; }

// A payment that the order's ending contradicts is told as the ending has it: such is a message that lies.
std::string told_code(const Order& order, const Transaction& transaction) {
  if (transaction.type != "PAYMENT") return transaction.gateway_code;
  const bool has_succeeded = result_of(transaction.gateway_code) == "SUCCESS";
  if (order.status == Status::failed && has_succeeded) return "DECLINED";
  if (order.status == Status::succeeded && result_of(transaction.gateway_code) == "PENDING") return "APPROVED";
  return transaction.gateway_code;
}

void write_order(Engine& engine, JsonWriter& json, const Order& order) {
  const std::int64_t refunded = refunded_of(engine, order);
  const bool is_captured = order.status == Status::succeeded || order.status == Status::reversed;
  const Currency currency = order.moved.currency;
  json.member("id", order.id);
  write_amount(engine, json, "amount", is_captured ? order.moved.minor : order.amount.minor, currency);
  json.member("currency", currency.code())
      .member("status", order_word(order, refunded))
      .member("creationTime", time_text(engine, order.created_at))
      .key("description")
      .raw(order.detail("description"))
      .key("reference")
      .raw(order.detail("reference"));
  write_amount(engine, json, "totalAuthorizedAmount", is_captured ? order.moved.minor : 0, currency);
  write_amount(engine, json, "totalCapturedAmount", order.status == Status::succeeded ? order.moved.minor : 0,
               currency);
  write_amount(engine, json, "totalRefundedAmount", refunded, currency);
}

void write_card(JsonWriter& json, const Order& order) {
  const std::string number = order.customer_number();
  json.key("sourceOfFunds")
      .begin_object()
      .member("type", "CARD")
      .key("provided")
      .begin_object()
      .key("card")
      .begin_object()
      .member("brand", "MASTERCARD")
      .member("fundingMethod", "CREDIT")
      .member("number", number.size() < 10 ? number : number.substr(0, 6) + "xxxxxx" + number.substr(number.size() - 4))
      .end_object()
      .end_object()
      .end_object();
}

}  // namespace

std::vector<Transaction> transactions_of(const Order& order) {
  std::vector<Transaction> transactions;
  const auto json = http::Json::parse(order.detail(std::string(detail_name)));
  if (!json) return transactions;
  for (const http::Json& item : json->items) {
    transactions.push_back({.id = text_of(item, "id"),
                            .type = text_of(item, "type"),
                            .gateway_code = text_of(item, "code"),
                            .minor = number_of(item, "minor", 0),
                            .at = {number_of(item, "at", 0)}});
  }
  return transactions;
}

void add_transaction(Order& order, const Transaction& transaction) {
  std::vector<Transaction> transactions = transactions_of(order);
  transactions.push_back(transaction);
  JsonWriter json;
  json.begin_array();
  for (const Transaction& one : transactions) {
    json.begin_object()
        .member("id", one.id)
        .member("type", one.type)
        .member("code", one.gateway_code)
        .member("minor", one.minor)
        .member("at", one.at.micros)
        .end_object();
  }
  order.details[std::string(detail_name)] = json.end_array().take();
}

std::string_view result_of(std::string_view gateway_code) {
  if (gateway_code.starts_with("APPROVED") || gateway_code == "AUTHENTICATED") return "SUCCESS";
  if (gateway_code == "PENDING") return "PENDING";
  if (gateway_code == "TIMED_OUT" || gateway_code == "UNKNOWN") return "UNKNOWN";
  return "FAILURE";
}

std::string_view order_word(const Order& order, std::int64_t refunded) {
  switch (order.status) {
    case Status::created: return "INITIATED";
    case Status::pending: return "INITIATED";
    case Status::waiting: {
      const std::vector<Transaction> transactions = transactions_of(order);
      const bool was_paid_for = !transactions.empty() && transactions.back().type == "PAYMENT";
      return was_paid_for ? "FAILED" : "AUTHENTICATED";
    }
    case Status::succeeded:
      if (refunded == 0) return "CAPTURED";
      return refunded < order.moved.minor ? "PARTIALLY_REFUNDED" : "REFUNDED";
    case Status::failed: return "FAILED";
    case Status::reversed: return "CANCELLED";
  }
  return "";
}

std::string transaction_body(Engine& engine, const Order& order, const Transaction& transaction) {
  const std::string code = told_code(order, transaction);
  JsonWriter json;
  json.begin_object().member("merchant", engine.switches().get("mpgs.merchant")).key("order").begin_object();
  write_order(engine, json, order);
  json.end_object().key("response").begin_object().member("gatewayCode", code);
  if (result_of(code) == "SUCCESS") json.member("acquirerCode", "00").member("acquirerMessage", "Approved");
  if (result_of(code) == "FAILURE") json.member("acquirerCode", "05");
  json.end_object().member("result", result_of(code));
  write_card(json, order);
  json.member("timeOfRecord", time_text(engine, transaction.at)).key("transaction").begin_object();
  json.member("id", transaction.id).member("type", transaction.type);
  const bool is_whole = transaction.type == "PAYMENT" && order.status == Status::succeeded;
  write_amount(engine, json, "amount", is_whole ? order.moved.minor : transaction.minor, order.moved.currency);
  json.member("currency", order.moved.currency.code());
  if (transaction.type == "PAYMENT" && result_of(code) == "SUCCESS") {
    json.member("authorizationCode", order.rail_reference.substr(order.rail_reference.size() - 6));
  }
  json.member("receipt", order.rail_reference)
      .member("source", "INTERNET")
      .key("acquirer")
      .begin_object()
      .member("id", "EMULATOR_S2I")
      .member("merchantId", engine.switches().get("mpgs.merchant"))
      .end_object()
      .member("terminal", "EMULATOR01")
      .end_object()
      .member("version", "100");
  return json.end_object().take();
}

std::string order_body(Engine& engine, const Order& order) {
  const std::vector<Transaction> transactions = transactions_of(order);
  std::string_view result = "UNKNOWN";
  for (const Transaction& one : transactions) {
    if (one.type != "REFUND") result = result_of(told_code(order, one));
  }
  JsonWriter json;
  json.begin_object();
  write_order(engine, json, order);
  json.member("merchant", engine.switches().get("mpgs.merchant")).member("result", result);
  write_card(json, order);
  json.key("transaction").begin_array();
  for (const Transaction& one : transactions) json.raw(transaction_body(engine, order, one));
  return json.end_array().end_object().take();
}

http::Response refuse(const Refusal& refusal) {
  JsonWriter json;
  json.begin_object()
      .key("error")
      .begin_object()
      .member("cause", refusal.cause)
      .member("explanation", refusal.explanation);
  if (!refusal.field.empty()) json.member("field", refusal.field).member("validationType", "INVALID");
  json.end_object().member("result", "ERROR");
  return http::Response::json(refusal.status, json.end_object().take());
}

std::int64_t refunded_of(const Engine& engine, const Order& order) {
  std::int64_t minor = 0;
  for (const auto& [key, other] : engine.orders()) {
    const bool is_its = other.kind == "refund" && other.detail_text("order") == order.id;
    if (is_its && other.status == Status::succeeded) minor += other.moved.minor;
  }
  return minor;
}

}  // namespace epay::emulators::mpgs
