#include "api/payee.h"

namespace epay::api {
namespace {

using payments::Method;

constexpr std::size_t bank_code_max = 40;
}  // namespace

std::optional<payments::PayeeAccount> required_payee(FieldReader& reader, std::string_view method_field,
                                                     const rails::Banks& banks) {
  const std::string method = reader.required_choice(method_field, {"momo", "bank"});
  if (method == "bank") {
    payments::PayeeAccount payee{Method::bank, reader.required_text("account_number", payments::account_number_max),
                                 reader.required_text("bank_code", bank_code_max)};
    if (!payee.number.empty() && !payments::is_account_number(payee.number)) {
      reader.malformed("account_number", "must be 4 to 40 digits and capital letters");
    }
    if (!payee.network.empty() && banks.find(payee.network) == nullptr) {
      reader.malformed("bank_code", "names no bank; GET /api/v1/banks lists them");
    }
    return payee;
  }
  // What says no method, or a wrong one, is read as it was before there were banks.
  const auto wallet = reader.required_wallet("mobile_wallet_number");
  const auto network = reader.required_network("mobile_wallet_network");
  if (method.empty() || !wallet || !network) return std::nullopt;
  return payments::PayeeAccount{Method::momo, wallet->national(), std::string(network->wire_name)};
}

void write_payee(JsonWriter& json, const payments::PayeeAccount& payee) {
  if (payee.method == Method::bank) {
    json.member("bank_code", payee.network).member("account_number", payee.number);
  } else {
    json.member("mobile_wallet_network", payee.network).member("mobile_wallet_number", payee.number);
  }
}

}  // namespace epay::api
