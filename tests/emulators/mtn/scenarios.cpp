#include "emulators/mtn/scenarios.h"

namespace epay::emulators::mtn {
namespace {

constexpr std::string_view sandbox_prefix = "46733123";
constexpr seconds short_wait{30}, created_wait{25};
// A wallet's number has at least so many digits; what has fewer or more is found wrong when it is asked.
constexpr std::size_t digits_min = 8, digits_max = 15;

// By `referenceIdToRefund` "1" to "13".
constexpr std::string_view refund_failures[] = {"PAYEE_NOT_FOUND",
                                                "INTERNAL_PROCESSING_ERROR",
                                                "APPROVAL_REJECTED",
                                                "EXPIRED",
                                                "",
                                                "",
                                                "NOT_ALLOWED",
                                                "NOT_ALLOWED_TARGET_ENVIRONMENT",
                                                "INVALID_CALLBACK_URL_HOST",
                                                "INVALID_CURRENCY",
                                                "INTERNAL_PROCESSING_ERROR",
                                                "SERVICE_UNAVAILABLE",
                                                "COULD_NOT_PERFORM_TRANSACTION"};
constexpr int refund_ongoing = 5, refund_delayed = 6;

Scenario ongoing(const Switches& switches) {
  if (switches.is("mtn.453", "succeeds")) return {.after = short_wait};
  if (switches.is("mtn.453", "fails")) return {.failure = "ONGOING"};
  return {.decides = false};
}

Scenario delayed(const Switches& switches) {
  if (switches.is("mtn.454", "pending")) return {.decides = false};
  if (switches.is("mtn.454", "fails")) return {.failure = "PAYER_DELAYED"};
  return {.after = created_wait, .is_created_first = !switches.is("mtn.status.created", "off")};
}

int sandbox_suffix(std::string_view number) {
  return number.size() == sandbox_prefix.size() + 3 && number.starts_with(sandbox_prefix) ? suffix_of(number) : -1;
}

std::optional<Scenario> refund_scenario(const Order& order, const Switches& switches) {
  const std::string wrong = order.detail_text("refund_failure");
  if (!wrong.empty()) return Scenario{.failure = wrong};
  const std::string number = order.detail_text("referenceIdToRefund");
  if (number.empty() || number.size() > 2) return std::nullopt;
  const int place = number.size() == 1 ? number[0] - '0' : (number[0] - '0') * 10 + number[1] - '0';
  if (place < 1 || place > static_cast<int>(std::size(refund_failures))) return std::nullopt;
  if (place == refund_ongoing) return ongoing(switches);
  if (place == refund_delayed) return delayed(switches);
  return Scenario{.failure = std::string(refund_failures[place - 1])};
}

}  // namespace

std::optional<Scenario> published_scenario(const Order& order, const Switches& switches) {
  if (order.kind == "refund") {
    if (auto scenario = refund_scenario(order, switches)) return scenario;
  }
  const std::string number = order.customer_number();
  const bool ours = scenario_of_our_number(number, order.pays_out).has_value();
  const int suffix = ours ? suffix_of(number) : sandbox_suffix(number);
  if (suffix == 453) return ongoing(switches);
  if (suffix == 454) return delayed(switches);
  if (order.customer.starts_with("wallet:") && (number.size() < digits_min || number.size() > digits_max)) {
    return Scenario{.failure = order.pays_out ? "PAYEE_NOT_FOUND" : "PAYER_NOT_FOUND"};
  }
  // A deposit fails as a collection does, but for who is not found.
  const bool as_transfer = order.kind == "transfer" || order.kind == "refund";
  auto scenario = scenario_of_suffix(suffix, as_transfer);
  if (scenario && order.kind == "deposit" && scenario->failure == "PAYER_NOT_FOUND") {
    scenario->failure = "PAYEE_NOT_FOUND";
  }
  if (!scenario && switches.is("mtn.status.created", "on")) return Scenario{.is_created_first = true};
  return scenario;
}

HolderAnswer holder_answer(std::string_view type, std::string_view id) {
  if (id.starts_with("notfound@")) return {404, false, "RESOURCE_NOT_FOUND"};
  if (type != "msisdn") return {};
  const std::string number = international(id);
  if (number.size() < digits_min || number.size() > digits_max) return {404, false, "RESOURCE_NOT_FOUND"};
  const int suffix = scenario_of_our_number(number, false).has_value() ? suffix_of(number) : sandbox_suffix(number);
  switch (suffix) {
    case 450: return {404, false, "RESOURCE_NOT_FOUND"};
    case 451: return {200, false, ""};
    case 452: return {500, false, "NOT_ALLOWED"};
    case 453: return {500, false, "NOT_ALLOWED_TARGET_ENVIRONMENT"};
    case 454: return {500, false, "INTERNAL_PROCESSING_ERROR"};
    case 455: return {503, false, "SERVICE_UNAVAILABLE"};
    default: return {};
  }
}

}  // namespace epay::emulators::mtn
