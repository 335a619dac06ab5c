#include "rails/hubtel/replies.h"

#include <algorithm>

#include "rails/failure_code.h"
#include "rails/reply_reader.h"

namespace epay::rails::hubtel {
namespace {

using Kind = http::Json::Kind;

std::string in_lower_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : char(c); });
  return text;
}

std::string code_of(const http::Json& json) { return word_of(json, "ResponseCode").value_or(""); }

// Hubtel's code and its words, for people.
std::string words_of(const RailAnswer& answer) {
  std::string words = code_of(answer.json);
  if (words.empty()) words = "HTTP " + std::to_string(answer.status);
  auto text = word_of(answer.json, "Message");
  const http::Json* data = data_of(answer.json);
  if (!text && data != nullptr) text = word_of(*data, "Description");
  if (text) words += " " + text->substr(0, 200);
  return words;
}

// The network's own words come through with 2001: read for what they have in them (RAILS §2.2.1).
Failed failed_with(std::string words) {
  struct Row {
    std::string_view piece, code;
  };
  static constexpr Row rows[] = {
      {"insufficient", failure::low_balance}, {"limit", failure::limit},
      {"not found", failure::no_wallet},      {"not registered", failure::no_wallet},
      {"match", failure::no_wallet},          {"timeout", failure::too_late},
      {"timed out", failure::too_late},       {"pin", failure::rejected},
      {"declined", failure::rejected},        {"parse", failure::configuration},
      {"permission", failure::not_permitted},
  };
  const std::string lower = in_lower_case(words);
  const auto* row = std::ranges::find_if(rows, [&](const Row& one) { return lower.contains(one.piece); });
  return {std::string(row == std::end(rows) ? failure::declined : row->code), std::move(words)};
}

// 2001, and what older variants of the API say of customers, PINs and limits. 3050: no such wallet.
bool is_customers_failure(std::string_view code) {
  static constexpr std::string_view codes[] = {"2001", "2050", "2051", "2100", "2101", "2102", "2103",
                                               "2152", "2153", "2154", "2200", "2201", "3008", "3050"};
  return std::ranges::find(codes, code) != std::end(codes);
}

// Four digits, of which the first is a four: Hubtel refuses the request, and has done nothing.
bool is_refusal(std::string_view code) { return code.size() == 4 && code[0] == '4'; }

// Proofs by HTTP alone: no envelope came from Hubtel, a door before it is closed.
bool is_closed_door(int status) { return status == 400 || status == 401 || status == 403 || status == 404; }

// What was paid of an order for `asked`. Where the customer bears the charges, Hubtel may name the sum of both.
std::optional<Money> amount_of(const http::Json& data, const Money& asked) {
  const auto named = word_of(data, "currencyCode");
  const auto currency = named ? Currency::parse(*named) : std::optional(Currency::ghs());
  if (!currency) return std::nullopt;
  const auto read = [&](std::string_view name) { return major_units(part_of(data, name), *currency); };
  const auto amount = read("amount");
  const auto charges = read("charges");
  const bool with_charges = amount && charges && read("amountAfterCharges") == asked &&
                            amount->minor == asked.minor + charges->minor && amount->currency == asked.currency;
  return with_charges ? asked : amount;
}

Reply succeeded(const http::Json& data, const Money& asked) {
  const auto amount = amount_of(data, asked);
  if (!amount) return Unknown{"it succeeded with an amount that cannot be read"};
  return Succeeded{*amount, word_of(data, "transactionId")};
}

Reply reply_of_collect(const http::Json& data, const Order& order, Timestamp now) {
  const std::string status = in_lower_case(word_of(data, "status").value_or(""));
  const auto rail_id = word_of(data, "transactionId");
  if (status.empty()) return Unknown{"a status without its word"};
  if (status == "paid") return succeeded(data, order.amount);
  // It was paid and given back before we heard of either.
  if (status == "refunded") return Failed{std::string(failure::declined), "refunded at Hubtel"};
  if (status == "unpaid" && now >= order.created_at + unpaid_is_final_after)
    return Failed{std::string(failure::too_late), "unpaid"};
  return Pending{.rail_id = rail_id};
}

// The documents call the word transactionStatus; "success", "pending" or "failed".
Reply reply_of_payout(const http::Json& data, const Order& order) {
  auto word = word_of(data, "transactionStatus");
  if (!word) word = word_of(data, "status");
  if (!word) return Unknown{"a status without its word"};
  const std::string status = in_lower_case(*word);
  if (status == "success" || status == "successful" || status == "paid") return succeeded(data, order.amount);
  if (status == "failed") return failed_with(word_of(data, "description").value_or("failed"));
  if (status == "refunded" || status == "reversed") return Reversed{*word};
  return Pending{.rail_id = word_of(data, "transactionId")};
}

Reply reply_of_refund(const http::Json& data, const Order& order) {
  const std::string status = in_lower_case(word_of(data, "status").value_or(""));
  if (status == "refunded") return succeeded(data, order.amount);
  // Not given back: not yet, where Hubtel has said that it has the refund.
  if (status == "paid") return order.rail_id ? Reply(Pending{.rail_id = order.rail_id}) : Reply(NotFound{});
  return Unknown{"the payment of this refund is said to be " + (status.empty() ? "nothing" : status)};
}

}  // namespace

const http::Json* part_of(const http::Json& json, std::string_view name) {
  if (json.kind != Kind::object) return nullptr;
  const auto found = std::ranges::find_if(
      json.members, [&](const auto& member) { return http::equal_ignoring_case(member.first, name); });
  return found == json.members.end() ? nullptr : &found->second;
}

std::optional<std::string> word_of(const http::Json& json, std::string_view name) {
  const http::Json* member = part_of(json, name);
  const bool plain = member != nullptr && (member->kind == Kind::string || member->kind == Kind::number);
  if (!plain || member->text.empty()) return std::nullopt;
  return member->text;
}

const http::Json* data_of(const http::Json& json) {
  const http::Json* data = part_of(json, "Data");
  return data != nullptr && data->kind == Kind::object && !data->members.empty() ? data : nullptr;
}

Reply reply_to_create(const RailAnswer& answer) {
  const std::string code = code_of(answer.json);
  const http::Json* data = data_of(answer.json);
  // A 5xx may carry anything; it says nothing.
  if (answer.status >= 500) return Unknown{words_of(answer)};
  // 0000 is the word for "processed": that it was paid, too, only the status can say.
  if (code == "0001" || code == "0000")
    return Pending{.rail_id = data != nullptr ? word_of(*data, "TransactionId") : std::nullopt};
  if (code == "3050") return Failed{std::string(failure::no_wallet), words_of(answer)};
  if (is_customers_failure(code)) return failed_with(words_of(answer));
  if (is_refusal(code) || (code.empty() && is_closed_door(answer.status)))
    return Failed{std::string(failure::configuration), words_of(answer)};
  // 0005: something failed between Hubtel and the network, and nobody knows on which side of the money.
  return Unknown{words_of(answer)};
}

Reply reply_to_refund(const RailAnswer& answer, const Order& order) {
  const std::string code = code_of(answer.json);
  const http::Json* data = data_of(answer.json);
  auto rail_id = data != nullptr ? word_of(*data, "orderId") : std::nullopt;
  if (!rail_id && order.original) rail_id = order.original->rail_id;
  // "Being processed": the first request arrived.
  if (answer.status < 500 && code == "4515") return Pending{.rail_id = rail_id};
  // "Could not find order".
  if (answer.status < 500 && code == "3000") return Failed{std::string(failure::not_permitted), words_of(answer)};
  Reply reply = reply_to_create(answer);
  if (auto* failed = std::get_if<Failed>(&reply); failed != nullptr && is_refusal(code))
    failed->code = failure::not_permitted;
  if (auto* pending = std::get_if<Pending>(&reply)) pending->rail_id = rail_id;
  return reply;
}

Reply reply_to_query(const RailAnswer& answer, const Order& order, Timestamp now) {
  const bool envelope = answer.is_json && (!code_of(answer.json).empty() || part_of(answer.json, "Data") != nullptr);
  const bool refund = order.kind == OrderKind::refund;
  // Not the gateway's own 404, which says that the address is wrong.
  if (answer.status == 404 && envelope && !refund) return NotFound{};
  const std::string code = in_lower_case(code_of(answer.json));
  // Hubtel has found something to tell, no more: 0000 stands beside "Unpaid" too.
  const bool told = answer.status == 200 && envelope && (code == "0000" || code == "success");
  if (!told) return Unknown{words_of(answer)};
  const http::Json* data = data_of(answer.json);
  if (data == nullptr) return refund ? Reply(Unknown{"Hubtel does not know the payment"}) : Reply(NotFound{});
  const std::string& asked = refund && order.original ? order.original->reference : order.reference;
  const auto about = word_of(*data, "clientReference");
  if (about && *about != asked) return Unknown{"an answer about another reference"};
  switch (order.kind) {
    case OrderKind::collect: return reply_of_collect(*data, order, now);
    case OrderKind::payout: return reply_of_payout(*data, order);
    case OrderKind::refund: return reply_of_refund(*data, order);
  }
  return Unknown{words_of(answer)};
}

Claim claim_of(const http::Json& callback) {
  const std::string code = code_of(callback);
  if (code == "0000") return Claim::succeeded;
  return is_customers_failure(code) || is_refusal(code) ? Claim::failed : Claim::nothing;
}

}  // namespace epay::rails::hubtel
