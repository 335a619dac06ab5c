// What is wrong with an endpoint's settings, in the reader's language. The API's own messages are English and name
// fields as the API does.
#pragma once

#include <string>

#include "base/result.h"
#include "pages/texts.h"

namespace epay::pages {

// Of one field that webhooks::check_changes() or check_destination() found wrong.
std::string wrong_setting(const FieldError& error, const Texts& texts);

}  // namespace epay::pages
