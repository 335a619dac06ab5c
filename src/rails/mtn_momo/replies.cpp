#include "rails/mtn_momo/replies.h"

#include <algorithm>
#include <array>

#include "rails/failure_code.h"
#include "rails/reply_reader.h"

namespace epay::rails::mtn_momo {
namespace {

// With one of these a 500 proves that nothing was made (RAILS §1.7).
constexpr std::array proofs = {"NOT_ALLOWED", "NOT_ALLOWED_TARGET_ENVIRONMENT", "INVALID_CALLBACK_URL_HOST",
                               "INVALID_CURRENCY"};

Failed refused(const RailAnswer& answer) { return {std::string(failure::configuration), in_words(answer)}; }

// The pages know MTN's own words, but for these.
std::string code_of(const std::string& reason) {
  if (reason.empty()) return std::string(failure::declined);
  return reason;
}

}  // namespace

Reply reply_to_create(const RailAnswer& answer) {
  switch (answer.status) {
    case 200:
    case 201:
    case 202: return Pending{};
    case 400:
    case 401:
    case 403:
    case 404: return refused(answer);
    case 500: {
      const auto code = text_of(answer.json, "code");
      if (code && std::ranges::find(proofs, *code) != proofs.end()) return refused(answer);
      break;
    }
    default: break;
  }
  return Unknown{in_words(answer)};
}

std::string reason_of(const http::Json& status) {
  if (auto text = text_of(status, "reason")) return *text;
  for (const std::string_view name : {"reason", "errorReason"}) {
    const http::Json* reason = member_of(status, name);
    if (reason == nullptr) continue;
    if (auto code = text_of(*reason, "code")) return *code;
  }
  return "";
}

Claim claim_of(const http::Json& status) {
  const auto word = text_of(status, "status");
  if (word == "SUCCESSFUL") return Claim::succeeded;
  if (word == "FAILED") return Claim::failed;
  return Claim::nothing;
}

Reply reply_to_query(const RailAnswer& answer, const Order& order) {
  // Not the gateway's own 404, which says that the address is wrong.
  if (answer.status == 404 && text_of(answer.json, "code") == "RESOURCE_NOT_FOUND") return NotFound{};
  if (answer.status != 200 || !answer.is_json) return Unknown{in_words(answer)};
  switch (claim_of(answer.json)) {
    case Claim::failed: return Failed{code_of(reason_of(answer.json))};
    case Claim::succeeded: {
      const auto currency = Currency::parse(text_of(answer.json, "currency").value_or(""));
      const auto amount = currency ? major_units(member_of(answer.json, "amount"), *currency) : std::optional<Money>();
      if (!amount) return Unknown{"it succeeded with an amount that cannot be read"};
      return Succeeded{*amount, text_of(answer.json, "financialTransactionId")};
    }
    case Claim::nothing:
    case Claim::reversed: break;
  }
  if (!text_of(answer.json, "status")) return Unknown{"a status without its word"};
  return Pending{.rail_id = order.rail_id};
}

}  // namespace epay::rails::mtn_momo
