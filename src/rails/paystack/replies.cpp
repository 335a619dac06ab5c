#include "rails/paystack/replies.h"

#include <algorithm>

#include "rails/failure_code.h"
#include "rails/reply_reader.h"

namespace epay::rails::paystack {
namespace {

std::string in_lower_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : char(c); });
  return text;
}

// The network's own words come through: read for what they have in them (RAILS §2.1.1).
Failed failed_with(std::string words) {
  struct Row {
    std::string_view piece, code;
  };
  static constexpr Row rows[] = {
      {"low_balance", failure::low_balance},  {"insufficient", failure::low_balance},
      {"not enough", failure::low_balance},   {"limit", failure::limit},
      {"cancel", failure::rejected},          {"rejected", failure::rejected},
      {"not approved", failure::rejected},    {"expired", failure::too_late},
      {"timeout", failure::too_late},         {"timed out", failure::too_late},
      {"not found", failure::no_wallet},      {"not registered", failure::no_wallet},
      {"invalid number", failure::no_wallet}, {"otp", failure::wrong_code},
      {"voucher", failure::wrong_code},       {"declined", failure::card_declined},
  };
  const std::string lower = in_lower_case(words);
  const auto* row = std::ranges::find_if(rows, [&](const Row& one) { return lower.contains(one.piece); });
  return {std::string(row == std::end(rows) ? failure::declined : row->code), std::move(words)};
}

std::string words_of(const http::Json& data, const RailAnswer& answer) {
  for (const std::string_view name : {"gateway_response", "message", "reason"}) {
    if (auto text = text_of(data, name)) return *text;
  }
  return text_of(answer.json, "message").value_or("");
}

Reply succeeded(const http::Json& data, const Currency& otherwise) {
  const auto named = text_of(data, "currency");
  const auto currency = named ? Currency::parse(*named) : std::optional(otherwise);
  const auto amount = currency ? minor_units(member_of(data, "amount"), *currency) : std::optional<Money>();
  if (!amount) return Unknown{"it succeeded with an amount that cannot be read"};
  return Succeeded{*amount, text_of(data, "id")};
}

}  // namespace

bool is_duplicate(const RailAnswer& answer) {
  if (answer.status < 400 || answer.status >= 500) return false;
  return text_of(answer.json, "code") == "duplicate_reference" ||
         in_lower_case(text_of(answer.json, "message").value_or("")).contains("duplicate");
}

bool is_not_found(const RailAnswer& answer) {
  if ((answer.status != 400 && answer.status != 404) || !answer.is_json) return false;
  const std::string code = in_lower_case(text_of(answer.json, "code").value_or(""));
  return code.ends_with("not_found") ||
         in_lower_case(text_of(answer.json, "message").value_or("")).contains("not found");
}

Reply reply_without_data(const RailAnswer& answer, bool creates) {
  const bool proof = creates && answer.is_json && answer.status >= 400 && answer.status < 500 && answer.status != 408 &&
                     answer.status != 429;
  if (!proof) return Unknown{in_words(answer)};
  return Failed{std::string(failure::configuration), in_words(answer)};
}

Reply reply_of_charge(const RailAnswer& answer, const Currency& currency) {
  const http::Json* data = member_of(answer.json, "data");
  const auto status = data != nullptr ? text_of(*data, "status") : std::nullopt;
  // A 5xx may carry anything; it says nothing.
  if (!status || answer.status >= 500) return reply_without_data(answer, false);
  const auto rail_id = text_of(*data, "id");
  if (*status == "success") return succeeded(*data, currency);
  if (*status == "failed") return failed_with(words_of(*data, answer));
  if (*status == "reversed") return Failed{std::string(failure::declined), "reversed"};
  if (*status == "open_url") {
    if (const auto url = text_of(*data, "url"))
      return Pending{.next = Pending::Next::redirect, .rail_id = rail_id, .redirect_url = *url};
  }
  if (status->starts_with("send_")) return Pending{.next = Pending::Next::input, .rail_id = rail_id};
  // pay_offline, pending, processing, queued, ongoing, abandoned, timeout, and what may be added: not decided.
  return Pending{.rail_id = rail_id};
}

Reply reply_of_transfer(const RailAnswer& answer, const Currency& currency) {
  const http::Json* data = member_of(answer.json, "data");
  const auto status = data != nullptr ? text_of(*data, "status") : std::nullopt;
  if (!status || answer.status >= 500) return reply_without_data(answer, false);
  if (*status == "success") return succeeded(*data, currency);
  if (*status == "reversed") return Reversed{words_of(*data, answer)};
  static constexpr std::string_view ended[] = {"failed", "abandoned", "blocked", "rejected"};
  if (std::ranges::find(ended, *status) != std::end(ended)) {
    Failed failed = failed_with(words_of(*data, answer));
    if (*status != "failed") failed.detail = *status + ": " + failed.detail;
    return failed;
  }
  return Pending{.rail_id = text_of(*data, "transfer_code")};
}

Reply reply_of_refund(const http::Json& refund, const Currency& currency) {
  const std::string status = text_of(refund, "status").value_or("");
  if (status == "processed") return succeeded(refund, currency);
  if (status == "failed") return Failed{std::string(failure::declined), "the refund failed"};
  // needs-attention waits for a person at Paystack's dashboard.
  return Pending{.rail_id = text_of(refund, "id")};
}

}  // namespace epay::rails::paystack
