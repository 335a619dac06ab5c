#include "processing/orders.h"

#include "rails/networks.h"

namespace epay::processing {
namespace {

using payments::AttemptStatus;
using payments::Outcome;

AttemptStatus waiting_for(rails::Pending::Next next) {
  switch (next) {
    case rails::Pending::Next::wait: return AttemptStatus::submitted;
    case rails::Pending::Next::redirect: return AttemptStatus::awaiting_redirect;
    case rails::Pending::Next::input: return AttemptStatus::awaiting_input;
  }
  return AttemptStatus::submitted;
}

rails::OrderKind kind_of(const payments::Payment& payment) {
  switch (payment.kind) {
    case payments::PaymentKind::payment: return rails::OrderKind::collect;
    case payments::PaymentKind::payout: return rails::OrderKind::payout;
    case payments::PaymentKind::refund: break;
  }
  return payment.refund_way == payments::RefundWay::by_payout ? rails::OrderKind::payout : rails::OrderKind::refund;
}

rails::Channel channel_of(payments::Method method) {
  switch (method) {
    case payments::Method::card: return rails::Channel::card;
    case payments::Method::bank: return rails::Channel::bank;
    case payments::Method::undecided:
    case payments::Method::momo: break;
  }
  return rails::Channel::momo;
}

struct ToOutcome {
  Outcome operator()(rails::Pending pending) const {
    return {.kind = Outcome::Kind::pending,
            .waiting_for = waiting_for(pending.next),
            .rail_id = std::move(pending.rail_id),
            .redirect_url = std::move(pending.redirect_url)};
  }
  Outcome operator()(rails::Succeeded succeeded) const {
    return {.kind = Outcome::Kind::succeeded, .rail_id = std::move(succeeded.rail_id), .amount = succeeded.amount};
  }
  Outcome operator()(rails::Failed failed) const {
    if (!failed.detail.empty()) failed.code += ": " + failed.detail;
    return {.kind = Outcome::Kind::failed, .failure = std::move(failed.code)};
  }
  Outcome operator()(rails::Reversed reversed) const {
    return {.kind = Outcome::Kind::reversed, .failure = std::move(reversed.code)};
  }
  // Not knowing is not failing: only the rail's explicit word ends an attempt.
  Outcome operator()(rails::NotFound) const {
    return {.kind = Outcome::Kind::unknown, .failure = std::string(not_found_at_rail)};
  }
  Outcome operator()(rails::NotSent not_sent) const {
    return {.kind = Outcome::Kind::unknown, .failure = std::string(not_sent_to_rail) + not_sent.cause};
  }
  Outcome operator()(rails::Unknown unknown) const {
    return {.kind = Outcome::Kind::unknown, .failure = std::move(unknown.cause)};
  }
};

}  // namespace

rails::Order order_of(const payments::OpenAttempt& open, std::string origin) {
  const auto& [payment, attempt, original] = open;
  const payments::Method method = attempt.method.value_or(payment.method);
  const auto& wallet = attempt.method ? attempt.wallet_number : payment.wallet_number;
  const auto& network_name = attempt.method ? attempt.wallet_network : payment.wallet_network;
  rails::Order order{.kind = kind_of(payment),
                     .merchant = attempt.key.scope.merchant,
                     .reference = payments::rail_reference_of(attempt.key),
                     .rail_id = attempt.rail_id,
                     .channel = channel_of(method),
                     .amount = payment.charged(),
                     .description = payment.description.value_or(""),
                     .origin = std::move(origin),
                     .created_at = attempt.created_at,
                     .expires_at = payment.expires_at};
  if (payment.payee_name) order.name = *payment.payee_name;
  if (order.channel == rails::Channel::bank) {
    order.bank = rails::BankAccount{network_name.value_or(""), wallet.value_or("")};
    return order;
  }
  if (wallet) {
    if (auto number = PhoneNumber::parse(*wallet)) order.wallet = *number;
  }
  if (network_name) {
    if (const auto network = rails::find_network(*network_name)) order.network = network->name;
  }
  if (original) order.original = rails::Original{original->reference, original->rail_id, original->amount};
  return order;
}

payments::Outcome outcome_of(rails::Reply reply, const rails::Rail& rail) {
  payments::Outcome outcome = std::visit(ToOutcome{}, std::move(reply));
  outcome.first_poll_after = rail.capabilities().first_query_after;
  return outcome;
}

}  // namespace epay::processing
