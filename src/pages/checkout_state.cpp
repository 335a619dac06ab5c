#include "pages/checkout_state.h"

namespace epay::pages {
namespace {

using payments::AttemptStatus;
using payments::PaymentStatus;

CheckoutState state_of_attempt(const payments::Attempt& attempt) {
  switch (attempt.status) {
    case AttemptStatus::awaiting_input: return CheckoutState::code;
    case AttemptStatus::awaiting_redirect: return CheckoutState::card;
    case AttemptStatus::suspended: return CheckoutState::review;
    case AttemptStatus::created:
    case AttemptStatus::submitted:
    case AttemptStatus::unknown:
    case AttemptStatus::succeeded:
    case AttemptStatus::failed:
    case AttemptStatus::expired:
    case AttemptStatus::reversed: return CheckoutState::waiting;
  }
  return CheckoutState::waiting;
}

}  // namespace

CheckoutState state_of(const payments::Checkout& checkout, Timestamp now, Wanted wanted) {
  const payments::Payment& payment = checkout.payment;
  switch (payment.status) {
    case PaymentStatus::succeeded: return CheckoutState::paid;
    case PaymentStatus::failed:
    case PaymentStatus::reversed: return CheckoutState::failed;
    case PaymentStatus::expired: return CheckoutState::expired;
    case PaymentStatus::pending:
      return checkout.attempts.empty() ? CheckoutState::waiting : state_of_attempt(checkout.attempts.back());
    case PaymentStatus::created: break;
  }
  if (!checkout.may_begin(now)) return CheckoutState::expired;
  if (wanted == Wanted::choosing || payment.method == payments::Method::undecided) return CheckoutState::choosing;
  if (wanted == Wanted::confirming) return CheckoutState::confirming;
  // After a failure the customer chooses anew, rather than that the same number is asked again at once.
  const bool failed_as_chosen = !checkout.attempts.empty() && checkout.attempts.back().method == payment.method &&
                                checkout.attempts.back().wallet_number == payment.wallet_number &&
                                checkout.attempts.back().wallet_network == payment.wallet_network;
  return failed_as_chosen ? CheckoutState::choosing : CheckoutState::confirming;
}

std::string_view name_of(CheckoutState state) {
  switch (state) {
    case CheckoutState::choosing: return "choosing";
    case CheckoutState::confirming: return "confirming";
    case CheckoutState::waiting: return "waiting";
    case CheckoutState::code: return "code";
    case CheckoutState::card: return "card";
    case CheckoutState::review: return "review";
    case CheckoutState::paid: return "paid";
    case CheckoutState::failed: return "failed";
    case CheckoutState::expired: return "expired";
  }
  return "";
}

bool is_over(CheckoutState state) {
  return state == CheckoutState::paid || state == CheckoutState::failed || state == CheckoutState::expired;
}

std::string revision_of(const payments::Checkout& checkout, CheckoutState state) {
  const bool open = !checkout.attempts.empty() && payments::is_open(checkout.attempts.back().status);
  return std::string(name_of(state)) + "-" + std::to_string(checkout.attempts.size()) + (open ? "" : "-done");
}

std::string_view failure_key(std::string_view failure) {
  // The rail's own words follow the code.
  failure = failure.substr(0, failure.find(':'));
  struct Row {
    std::string_view code, key;
  };
  // What MTN and the simulator say (RAILS §1.7); what others say reads as "declined".
  static constexpr Row rows[] = {
      {"NOT_ENOUGH_FUNDS", "attempt_failure.low_balance"},
      {"LOW_BALANCE_OR_PAYEE_LIMIT_REACHED_OR_NOT_ALLOWED", "attempt_failure.low_balance"},
      {"PAYER_LIMIT_REACHED", "attempt_failure.limit"},
      {"PAYEE_LIMIT_REACHED", "attempt_failure.limit"},
      {"APPROVAL_REJECTED", "attempt_failure.rejected"},
      {"PAYMENT_NOT_APPROVED", "attempt_failure.rejected"},
      {"TRANSACTION_CANCELED", "attempt_failure.rejected"},
      {"EXPIRED", "attempt_failure.too_late"},
      {"COULD_NOT_PERFORM_TRANSACTION", "attempt_failure.too_late"},
      {"PAYER_NOT_FOUND", "attempt_failure.no_wallet"},
      {"PAYEE_NOT_FOUND", "attempt_failure.no_wallet"},
      {"SENDER_ACCOUNT_NOT_ACTIVE", "attempt_failure.no_wallet"},
      {"INVALID_VOUCHER", "attempt_failure.wrong_code"},
      {"INVALID_OTP", "attempt_failure.wrong_code"},
      {"CARD_DECLINED", "attempt_failure.card"},
      {"SERVICE_UNAVAILABLE", "attempt_failure.network"},
      {"INTERNAL_PROCESSING_ERROR", "attempt_failure.network"},
      {"CONFIGURATION", "attempt_failure.network"},
  };
  for (const Row& row : rows) {
    if (row.code == failure) return row.key;
  }
  return "attempt_failure.declined";
}

}  // namespace epay::pages
