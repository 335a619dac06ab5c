// Which rail sends to an account, and whose the account is.
#include "processing/processor.h"

namespace epay::processing {
namespace {

rails::Channel channel_of(const payments::PayeeAccount& payee) {
  return payee.method == payments::Method::bank ? rails::Channel::bank : rails::Channel::momo;
}

}  // namespace

Result<rails::Rail*> Processor::route_payout(Scope scope, Currency currency, const payments::PayeeAccount& payee) {
  const bool bank = payee.method == payments::Method::bank;
  const auto network = bank ? std::nullopt : rails::find_network(payee.network);
  const auto rail = rails_.route({.merchant = scope.merchant,
                                  .mode = scope.mode,
                                  .kind = rails::OrderKind::payout,
                                  .channel = channel_of(payee),
                                  .currency = currency,
                                  .network = network ? network->name : ""});
  if (rail && bank && !options_.banks.code_at(payee.network, (*rail)->name())) {
    return fail(ErrorCode::unsupported, "No payment rail that is switched on sends money to the bank " + payee.network);
  }
  return rail;
}

Task<Result<rails::AccountHolder>> Processor::look_up(Scope scope, Currency currency, payments::PayeeAccount account) {
  const auto rail = route_payout(scope, currency, account);
  if (!rail) co_return std::unexpected(rail.error());
  rails::Payee payee{.channel = channel_of(account)};
  if (account.method == payments::Method::bank) {
    payee.bank = rails::BankAccount{*options_.banks.code_at(account.network, (*rail)->name()), account.number};
  } else {
    if (const auto number = PhoneNumber::parse(account.number)) payee.wallet = *number;
    if (const auto network = rails::find_network(account.network)) payee.network = network->name;
  }
  co_return co_await (*rail)->look_up(std::move(payee));
}

}  // namespace epay::processing
