// Rows and badges of the pages of money, as views.
#pragma once

#include <string>
#include <vector>

#include "ledger/wallet.h"
#include "lists/payment_list.h"
#include "pages/texts.h"
#include "pages/view.h"

namespace epay::pages::money {

// {{href}} {{reference}} {{amount}} {{status}} {{tone}} {{method}} {{who}} {{when}} {{kind}} {{outgoing}} {{late}}
View row_of(const lists::ListedPayment& payment, const Texts& texts);
std::vector<View> rows_of(const std::vector<lists::ListedPayment>& payments, const Texts& texts);

std::string_view kind_key(payments::PaymentKind kind);        // of texts: "revenue.refund"
std::string_view status_key(payments::PaymentStatus status);  // of texts: "status.success"
// Tabler's colour of a status: "green", "red", "yellow", "secondary".
std::string_view tone_of(payments::PaymentStatus status);
std::string method_text(payments::Method method, const Texts& texts);
// "MTN · 024 000 0450": as people read it.
std::string wallet_text(const std::optional<std::string>& network, const std::optional<std::string>& number);

std::string money_text(std::int64_t minor, const Currency& currency, const Texts& texts);
// With its sign before it: "+GHS 5.00", "−GHS 5.00"; empty for nothing.
std::string change_text(std::int64_t minor, const Currency& currency, const Texts& texts);
std::string_view reason_key(ledger::Reason reason);

// The wallet's currency that an address asks for: of those that there are, the first where it asks for none. Nothing
// where it asks for one that is none.
std::optional<Currency> currency_of(const std::optional<std::string>& asked_for,
                                    const std::vector<ledger::Balance>& balances);

}  // namespace epay::pages::money
