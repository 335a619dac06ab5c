// The test phone as its template shows it.
#pragma once

#include <string>
#include <string_view>

#include "base/phone_number.h"
#include "pages/texts.h"
#include "pages/view.h"
#include "rails/simulator/phone.h"

namespace epay::pages {

// "024 000 0900"
std::string spaced(const PhoneNumber& number);
// Changes whenever the phone shows something else.
std::string version_of(const rails::simulator::Phone& phone, Timestamp now);

// `problem` is the key of a text in the section "phone", or empty.
View view_of(const rails::simulator::Phone& phone, std::string_view problem, const std::string& address,
             const Texts& texts, Timestamp now);

}  // namespace epay::pages
