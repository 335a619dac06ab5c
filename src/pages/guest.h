// Forms for people who have not signed in: log-in, registration, forgotten password.
#pragma once

#include <string_view>

#include "http/form.h"
#include "http/message.h"
#include "pages/view.h"
#include "runtime/random.h"

namespace epay::pages {

// A page whose template begins with {{> layout/guest_top}} and ends with {{> layout/guest_bottom}}; sets {{csrf}}, and
// the cookie that it belongs to. A language that the address asks for (?lang=) is remembered.
http::Response guest_page(const http::Request& request, std::string_view template_name, View view, Random& random,
                          int status = 200);

// Whether the form was shown by guest_page to this browser.
bool is_guest_form(const http::Request& request, const http::Form& form);

}  // namespace epay::pages
