// What a person sees where there is no page, or where one does not work.
#pragma once

#include <string>

#include "http/message.h"
#include "runtime/random.h"

namespace epay::pages {

// Whether a browser asks, for something to look at.
bool wants_page(const http::Request& request);

// 404, 405 (with the methods that are allowed) or 503.
http::Response show_problem(const http::Request& request, int status, const std::string& allow, Random& random);

}  // namespace epay::pages
