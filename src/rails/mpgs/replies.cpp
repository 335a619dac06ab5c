#include "rails/mpgs/replies.h"

#include <algorithm>

#include "rails/failure_code.h"
#include "rails/reply_reader.h"

namespace epay::rails::mpgs {
namespace {

using Kind = http::Json::Kind;

std::string text_in(const http::Json& json, std::string_view object, std::string_view name) {
  const http::Json* inner = member_of(json, object);
  return inner != nullptr ? text_of(*inner, name).value_or("") : "";
}

std::string cause_of(const RailAnswer& answer) { return text_in(answer.json, "error", "cause"); }

// The gateway itself does not know yet. Its name for a transaction's result does not always say so.
bool is_undecided(std::string_view result, std::string_view gateway_code) {
  static constexpr std::string_view codes[] = {"TIMED_OUT", "UNKNOWN", "PENDING", "APPROVED_PENDING_SETTLEMENT"};
  return result != "FAILURE" || std::ranges::find(codes, gateway_code) != std::end(codes);
}

Failed failed_with(std::string gateway_code) {
  struct Row {
    std::string_view gateway, code;
  };
  static constexpr Row rows[] = {
      {"INSUFFICIENT_FUNDS", failure::low_balance},
      {"CANCELLED", failure::rejected},
      {"ABORTED", failure::rejected},
      {"BLOCKED", failure::not_permitted},
      {"NOT_SUPPORTED", failure::not_permitted},
      {"ACQUIRER_SYSTEM_ERROR", failure::network},
      {"SYSTEM_ERROR", failure::network},
      {"UNSPECIFIED_FAILURE", failure::declined},
  };
  const auto* row = std::ranges::find(rows, std::string_view(gateway_code), &Row::gateway);
  const auto code = row == std::end(rows) ? failure::card_declined : row->code;
  return {std::string(code), std::move(gateway_code)};
}

std::optional<Money> amount_in(const http::Json& json, std::string_view name) {
  const auto currency = Currency::parse(text_of(json, "currency").value_or(""));
  return currency ? major_units(member_of(json, name), *currency) : std::nullopt;
}

// What the acquirer calls the payment of an order, as it stands on statements.
std::optional<std::string> receipt_of(const http::Json& order) {
  const http::Json* tried = member_of(order, "transaction");
  if (tried == nullptr || tried->kind != Kind::array) return std::nullopt;
  for (const http::Json& one : tried->items) {
    const std::string type = text_in(one, "transaction", "type");
    const bool paid = text_of(one, "result") == "SUCCESS" && (type == "PAYMENT" || type == "CAPTURE");
    if (const std::string receipt = text_in(one, "transaction", "receipt"); paid && !receipt.empty()) return receipt;
  }
  return std::nullopt;
}

// How an order failed that is tried no more: every card that was tried was refused explicitly, or none was. Nothing
// where something is undecided.
std::optional<Failed> failure_of(const http::Json& order) {
  const http::Json* tried = member_of(order, "transaction");
  if (tried == nullptr || tried->kind != Kind::array) return std::nullopt;
  Failed failed{std::string(failure::too_late), "no card was charged"};
  for (const http::Json& one : tried->items) {
    // It moves nothing.
    if (text_in(one, "transaction", "type") == "AUTHENTICATION") continue;
    std::string code = text_in(one, "response", "gatewayCode");
    if (is_undecided(text_of(one, "result").value_or(""), code)) return std::nullopt;
    failed = failed_with(std::move(code));
  }
  return failed;
}

}  // namespace

std::string words_of(const RailAnswer& answer) {
  std::string words = "HTTP " + std::to_string(answer.status);
  if (const std::string cause = cause_of(answer); !cause.empty()) words += " " + cause;
  if (const std::string field = text_in(answer.json, "error", "field"); !field.empty()) words += " " + field;
  const std::string explanation = text_in(answer.json, "error", "explanation");
  if (!explanation.empty()) words += ": " + explanation.substr(0, 200);
  return words;
}

bool is_not_found(const RailAnswer& answer) {
  return answer.status == 400 && cause_of(answer) == "INVALID_REQUEST" &&
         text_in(answer.json, "error", "explanation").starts_with("Unable to find ");
}

Reply reply_to_error(const RailAnswer& answer) {
  const bool refused = answer.status == 400 || answer.status == 401 || answer.status == 403 || answer.status == 404;
  // SERVER_BUSY and SERVER_FAILED say nothing of what was done.
  const bool servers = cause_of(answer).starts_with("SERVER_");
  if (refused && !servers) return Failed{std::string(failure::configuration), words_of(answer)};
  return Unknown{words_of(answer)};
}

Reply reply_of_order(const RailAnswer& answer, const Order& order, bool session_ended) {
  if (answer.status != 200 || !answer.is_json) return Unknown{words_of(answer)};
  const auto status = text_of(answer.json, "status");
  if (!status) return Unknown{"an order without its status"};
  if (text_of(answer.json, "id").value_or(order.reference) != order.reference) return Unknown{"another order"};
  const Pending open{.rail_id = order.rail_id};
  if (*status == "CAPTURED") {
    if (text_of(answer.json, "result") != "SUCCESS") return open;
    const auto amount = amount_in(answer.json, "totalCapturedAmount");
    if (!amount) return Unknown{"it was captured with an amount that cannot be read"};
    return Succeeded{*amount, receipt_of(answer.json)};
  }
  const auto failed = failure_of(answer.json);
  if (!failed) return open;
  if (session_ended) return *failed;
  return Pending{.next = Pending::Next::redirect, .rail_id = order.rail_id};
}

Reply reply_of_refund(const RailAnswer& answer, const Order& order) {
  if (answer.status != 200 && answer.status != 201) return reply_to_error(answer);
  const http::Json* transaction = member_of(answer.json, "transaction");
  if (transaction == nullptr) return Unknown{"a transaction that cannot be read"};
  if (text_of(*transaction, "id") != order.reference || text_of(*transaction, "type") != "REFUND")
    return Unknown{"another transaction"};
  const std::string result = text_of(answer.json, "result").value_or("");
  std::string code = text_in(answer.json, "response", "gatewayCode");
  if (result == "SUCCESS") {
    const auto amount = amount_in(*transaction, "amount");
    if (!amount) return Unknown{"it succeeded with an amount that cannot be read"};
    return Succeeded{*amount, text_of(*transaction, "receipt")};
  }
  if (is_undecided(result, code)) return Pending{.rail_id = order.rail_id};
  return failed_with(std::move(code));
}

News news_of(const http::Json& transaction) {
  News news{.reference = text_in(transaction, "order", "id")};
  const std::string type = text_in(transaction, "transaction", "type");
  const std::string result = text_of(transaction, "result").value_or("");
  const bool succeeded = result == "SUCCESS";
  if (type == "REFUND") {
    // It is an order of its own to us, under the transaction's id.
    news.reference = text_in(transaction, "transaction", "id");
    const bool failed = !is_undecided(result, text_in(transaction, "response", "gatewayCode"));
    if (succeeded || failed) news.claim = succeeded ? Claim::succeeded : Claim::failed;
    return news;
  }
  // A card that was declined claims nothing: the next one may be taken.
  if ((type == "PAYMENT" || type == "CAPTURE") && succeeded) news.claim = Claim::succeeded;
  return news;
}

}  // namespace epay::rails::mpgs
