// Words and amounts of an order, as rails take them.
#pragma once

#include <string>
#include <string_view>

#include "base/money.h"

namespace epay::rails {

// A message that telephones show: letters, digits, blanks and . , _ - of ASCII. An apostrophe or an ampersand can make
// a network refuse the whole request (RAILS §1.5, §2.2.1). "Payment" where nothing is left.
std::string plain_text(std::string_view text, std::size_t max);

// "12.50": all the decimals that the currency has.
std::string fixed_decimal(const Money& amount);

}  // namespace epay::rails
