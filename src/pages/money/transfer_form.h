// The form of a transfer: what was typed, and what it means where it means something.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/money.h"
#include "http/form.h"
#include "ledger/ledger.h"
#include "pages/texts.h"
#include "pages/view.h"
#include "payments/recipient.h"
#include "rails/banks.h"

namespace epay::pages::money {

struct TransferForm {
  std::string to;  // "momo", "bank", or a recipient's number
  std::string wallet, network, bank, account, amount, currency, description, reference;
  std::vector<std::pair<std::string, std::string>> wrong;  // field, why
  std::optional<payments::PayeeAccount> payee;
  std::optional<payments::Recipient> recipient;  // where one was chosen
  std::optional<Money> money;

  void refuse(std::string_view field, std::string_view why) { wrong.emplace_back(field, why); }
};

// The recipient that the form names, if it names one by a number.
std::optional<RecipientId> recipient_of(const http::Form& form);
// `recipient`: the one that the form names, where there is such a one.
TransferForm read_transfer(const http::Form& form, std::optional<payments::Recipient> recipient,
                           const rails::Banks& banks, const Texts& texts);

// What is known where a form is shown.
struct TransferChoices {
  std::vector<ledger::Balance> balances;
  std::vector<payments::Recipient> recipients;
};
void set_form(View& view, const TransferForm& transfer, const TransferChoices& choices, const rails::Banks& banks,
              const Texts& texts);

// "MTN · 024 123 4567", "GCB Bank · 0011223344".
std::string account_text(const payments::PayeeAccount& account, const rails::Banks& banks);

}  // namespace epay::pages::money
