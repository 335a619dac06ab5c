// The public address of a payment page (WIRE §5): the initials of its merchant's name, a dash, its own name.
#pragma once

#include <string>
#include <string_view>

namespace epay::payments {

inline constexpr std::size_t slug_words_max = 60;  // letters of the page's part

// "cd-ag-lounge" for "Creativo Designs" and "Ag lounge". Lower-case ASCII letters, digits and single dashes; letters
// with accents lose them, other signs separate words. A name without any letter gives "page".
std::string slug_of(std::string_view merchant_name, std::string_view page_name);

}  // namespace epay::payments
