// Where a request says that money goes: a wallet, or an account at a bank.
#pragma once

#include <optional>
#include <string_view>

#include "api/fields.h"
#include "base/json_writer.h"
#include "payments/recipient.h"
#include "rails/banks.h"

namespace epay::api {

// By mobile_wallet_number and mobile_wallet_network, or by bank_code and account_number, as the method says; nothing
// where that is wrong. `method_field` is what the method is called.
std::optional<payments::PayeeAccount> required_payee(FieldReader& reader, std::string_view method_field,
                                                     const rails::Banks& banks);

// "mobile_wallet_network" and "mobile_wallet_number", or "bank_code" and "account_number".
void write_payee(JsonWriter& json, const payments::PayeeAccount& payee);

}  // namespace epay::api
