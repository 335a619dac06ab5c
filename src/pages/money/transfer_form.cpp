#include "pages/money/transfer_form.h"

#include <algorithm>

#include "base/phone_number.h"
#include "base/utf8.h"
#include "pages/money/form_reference.h"
#include "pages/money/list_query.h"
#include "pages/money/rows.h"
#include "rails/networks.h"

namespace epay::pages::money {
namespace {

using payments::Method;

constexpr std::size_t description_max = 140;

// The letters and digits of an account's number, as people write it: without blanks, in capitals.
std::string account_number_of(std::string_view typed) {
  std::string number;
  for (const char c : typed) {
    if (c == ' ' || c == '-') continue;
    number += c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c;
  }
  return number;
}

void read_wallet(TransferForm& transfer, const Texts& texts) {
  const auto number = PhoneNumber::parse(transfer.wallet);
  if (!number) transfer.refuse("wallet", texts.at("transfers.wrong_wallet"));
  const auto network = rails::find_network(transfer.network);
  if (!network) transfer.refuse("network", texts.at("transfers.wrong_network"));
  if (number && network) transfer.payee = {Method::momo, number->national(), std::string(network->wire_name)};
}

void read_account(TransferForm& transfer, const rails::Banks& banks, const Texts& texts) {
  const bool known = banks.find(transfer.bank) != nullptr;
  if (!known) transfer.refuse("bank", texts.at("transfers.wrong_bank"));
  const std::string number = account_number_of(transfer.account);
  const bool good = payments::is_account_number(number);
  if (!good) transfer.refuse("account", texts.at("transfers.wrong_account"));
  if (known && good) transfer.payee = {Method::bank, number, transfer.bank};
}

std::vector<View> recipients_of(const TransferForm& transfer, const TransferChoices& choices,
                                const rails::Banks& banks) {
  std::vector<View> views;
  for (const payments::Recipient& recipient : choices.recipients) {
    const std::string id = std::to_string(recipient.id.value);
    views.push_back(View()
                        .set("id", id)
                        .set("name", recipient.name)
                        .set("account", account_text(recipient.account, banks))
                        .set("chosen", transfer.to == id));
  }
  return views;
}

std::vector<View> banks_of(const TransferForm& transfer, const rails::Banks& banks) {
  std::vector<View> views;
  for (const rails::Bank& bank : banks.all()) {
    views.push_back(View().set("code", bank.code).set("name", bank.name).set("chosen", transfer.bank == bank.code));
  }
  return views;
}

}  // namespace

std::optional<RecipientId> recipient_of(const http::Form& form) {
  const auto id = parse_id(form.get("to"));
  return id ? std::optional(RecipientId{*id}) : std::nullopt;
}

TransferForm read_transfer(const http::Form& form, std::optional<payments::Recipient> recipient,
                           const rails::Banks& banks, const Texts& texts) {
  TransferForm transfer{.to = field_of(form, "to"),
                        .wallet = field_of(form, "wallet"),
                        .network = field_of(form, "network"),
                        .bank = field_of(form, "bank"),
                        .account = field_of(form, "account"),
                        .amount = field_of(form, "amount"),
                        .currency = field_of(form, "currency"),
                        .description = field_of(form, "description"),
                        .reference = field_of(form, "reference")};
  if (recipient) {
    transfer.payee = recipient->account;
    transfer.recipient = std::move(recipient);
  } else if (parse_id(transfer.to)) {
    transfer.refuse("to", texts.at("transfers.wrong_recipient"));
  } else if (transfer.to == "bank") {
    read_account(transfer, banks, texts);
  } else {
    read_wallet(transfer, texts);
  }
  const auto currency = Currency::parse(transfer.currency);
  if (!currency) {
    transfer.refuse("currency", texts.at("transfers.wrong_currency"));
  } else if (const auto money = Money::parse(transfer.amount, *currency)) {
    transfer.money = *money;
  } else {
    transfer.refuse("amount", texts.at("transfers.wrong_amount"));
  }
  if (transfer.description.empty()) {
    transfer.refuse("description", texts.at("transfers.no_description"));
  } else if (utf8_length(transfer.description) > description_max) {
    transfer.refuse("description", texts.at("lists.too_long"));
  }
  return transfer;
}

void set_form(View& view, const TransferForm& transfer, const TransferChoices& choices, const rails::Banks& banks,
              const Texts& texts) {
  View typed, wrong, chosen;
  typed.set("wallet", transfer.wallet)
      .set("account", transfer.account)
      .set("amount", transfer.amount)
      .set("description", transfer.description);
  for (const auto& [field, why] : transfer.wrong) wrong.set(field, why);
  chosen.set(transfer.network, true).set("to_bank", transfer.to == "bank");
  std::vector<View> currencies;
  for (const ledger::Balance& balance : choices.balances) {
    const auto currency = Currency::parse(balance.currency);
    if (!currency) continue;
    currencies.push_back(View()
                             .set("code", balance.currency)
                             .set("available", money_text(balance.available_minor, *currency, texts))
                             .set("chosen", balance.currency == transfer.currency));
  }
  view.set("title", texts.at("transfers.new_title"))
      .set("typed", std::move(typed))
      .set("wrong", std::move(wrong))
      .set("chosen", std::move(chosen))
      .set("any_recipients", !choices.recipients.empty())
      .set("recipients", recipients_of(transfer, choices, banks))
      .set("banks", banks_of(transfer, banks))
      .set("nothing_to_send", currencies.empty())
      .set("currencies", std::move(currencies))
      .set("reference", transfer.reference);
}

std::string account_text(const payments::PayeeAccount& account, const rails::Banks& banks) {
  if (account.method != Method::bank) return wallet_text(account.network, account.number);
  const rails::Bank* bank = banks.find(account.network);
  return (bank != nullptr ? bank->name : account.network) + " · " + account.number;
}

}  // namespace epay::pages::money
