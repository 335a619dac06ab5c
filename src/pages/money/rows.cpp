#include "pages/money/rows.h"

#include "pages/format.h"

namespace epay::pages::money {

using payments::PaymentKind;
using payments::PaymentStatus;

std::string_view status_key(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::created: return "status.created";
    case PaymentStatus::pending: return "status.pending";
    case PaymentStatus::succeeded: return "status.success";
    case PaymentStatus::failed: return "status.failed";
    case PaymentStatus::expired: return "status.expired";
    case PaymentStatus::reversed: return "status.reversed";
  }
  return "";
}

std::string_view tone_of(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::created: return "secondary";
    case PaymentStatus::pending: return "yellow";
    case PaymentStatus::succeeded: return "green";
    case PaymentStatus::failed: return "red";
    case PaymentStatus::expired:
    case PaymentStatus::reversed: return "orange";
  }
  return "";
}

std::string_view kind_key(PaymentKind kind) {
  switch (kind) {
    case PaymentKind::payment: return "revenue.payment";
    case PaymentKind::payout: return "revenue.payout";
    case PaymentKind::refund: return "revenue.refund";
  }
  return "";
}

std::string method_text(payments::Method method, const Texts& texts) {
  switch (method) {
    case payments::Method::undecided: return std::string(texts.at("method.undecided"));
    case payments::Method::momo: return std::string(texts.at("method.momo"));
    case payments::Method::card: return std::string(texts.at("method.card"));
    case payments::Method::bank: return std::string(texts.at("method.bank"));
  }
  return "";
}

std::string wallet_text(const std::optional<std::string>& network, const std::optional<std::string>& number) {
  std::string text;
  if (network == "mtn") text = "MTN";
  if (network == "vodafone" || network == "telecel") text = "Telecel";
  if (network == "airtel" || network == "tigo" || network == "airteltigo") text = "AT";
  if (!number) return text;
  std::string shown = *number;
  if (shown.size() == 10) shown = shown.substr(0, 3) + " " + shown.substr(3, 3) + " " + shown.substr(6);
  return text.empty() ? shown : text + " · " + shown;
}

std::string money_text(std::int64_t minor, const Currency& currency, const Texts& texts) {
  return format_money({minor, currency}, texts);
}

std::string change_text(std::int64_t minor, const Currency& currency, const Texts& texts) {
  if (minor == 0) return "";
  return (minor > 0 ? "+" : "\u2212") + money_text(minor > 0 ? minor : -minor, currency, texts);
}

std::string_view reason_key(ledger::Reason reason) {
  switch (reason) {
    case ledger::Reason::payment: return "reason.payment";
    case ledger::Reason::fee: return "reason.fee";
    case ledger::Reason::payout_hold: return "reason.payout_hold";
    case ledger::Reason::payout_settle: return "reason.payout_settle";
    case ledger::Reason::payout_release: return "reason.payout_release";
    case ledger::Reason::suspend: return "reason.suspend";
    case ledger::Reason::leave_suspense: return "reason.leave_suspense";
    case ledger::Reason::correction: return "reason.correction";
    case ledger::Reason::refund_hold: return "reason.refund_hold";
    case ledger::Reason::refund_settle: return "reason.refund_settle";
    case ledger::Reason::refund_release: return "reason.refund_release";
    case ledger::Reason::payout_reversal: return "reason.payout_reversal";
    case ledger::Reason::refund_reversal: return "reason.refund_reversal";
    case ledger::Reason::outgoing_fee: return "reason.outgoing_fee";
    case ledger::Reason::outgoing_fee_back: return "reason.outgoing_fee_back";
  }
  return "";
}

View row_of(const lists::ListedPayment& payment, const Texts& texts) {
  const std::string wallet = wallet_text(payment.wallet_network, payment.wallet_number);
  View row;
  row.set("href", "/revenue/" + std::to_string(payment.id.value))
      .set("reference", payment.reference)
      .set("amount", money_text(payment.amount.minor, payment.amount.currency, texts))
      .set("status", texts.at(status_key(payment.status)))
      .set("tone", tone_of(payment.status))
      .set("method", method_text(payment.method, texts))
      .set("who", payment.customer_name.empty() ? wallet : payment.customer_name)
      .set("wallet", wallet)
      .set("when", format_time(payment.created_at, texts))
      .set("iso", payment.created_at.to_iso8601())
      .set("outgoing", payments::is_outgoing(payment.kind))
      .set("kind", texts.at(kind_key(payment.kind)))
      .set("late", payment.late);
  if (payment.description) row.set("description", *payment.description);
  return row;
}

std::vector<View> rows_of(const std::vector<lists::ListedPayment>& payments, const Texts& texts) {
  std::vector<View> rows;
  for (const lists::ListedPayment& payment : payments) rows.push_back(row_of(payment, texts));
  return rows;
}

std::optional<Currency> currency_of(const std::optional<std::string>& asked_for,
                                    const std::vector<ledger::Balance>& balances) {
  if (asked_for && !asked_for->empty()) return Currency::parse(*asked_for);
  return balances.empty() ? Currency::ghs() : Currency::parse(balances.front().currency);
}

}  // namespace epay::pages::money
