#pragma once

#include <string_view>

#include "http/message.h"

namespace epay::http {

// The API's error envelope, for what the server itself has to say.
Response error_response(int status, std::string_view message);

}  // namespace epay::http
