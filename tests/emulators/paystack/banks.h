// The banks and wallets that Paystack pays out to in Ghana.
#pragma once

#include <string>
#include <string_view>

#include "base/json_writer.h"

namespace epay::emulators::paystack {

struct Bank {
  int id;
  std::string_view name, code, type;  // "mobile_money", "ghipss"
};

// Null for a code that is no bank's; case does not matter.
const Bank* find_bank(std::string_view code);
// As GET /bank lists them; an empty type is any.
std::string bank_list(std::string_view type);

}  // namespace epay::emulators::paystack
