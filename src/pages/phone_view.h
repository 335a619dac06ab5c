// The test phone as its template shows it.
#pragma once

#include <string>
#include <string_view>

#include "pages/texts.h"
#include "pages/view.h"
#include "rails/simulator/phone.h"

namespace epay::pages {

// Changes whenever the phone shows something else.
std::string version_of(const rails::simulator::Phone& phone, Timestamp now);

// `problem` is the key of a text in the section "phone", or empty.
View view_of(const rails::simulator::Phone& phone, std::string_view problem, const std::string& address,
             const Texts& texts, Timestamp now);

}  // namespace epay::pages
