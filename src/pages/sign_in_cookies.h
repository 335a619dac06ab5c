// The cookies by which a browser is known. Over https their names begin with __Host-, so that no neighbour under the
// same domain can set one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/crypto.h"
#include "base/secret.h"
#include "http/message.h"
#include "merchants/user.h"
#include "runtime/random.h"

namespace epay::pages {

// The session's token; empty when there is none.
Secret session_token(const http::Request& request);
void set_session_token(const http::Request& request, http::Response& response, const std::string& token);
void forget_session_token(const http::Request& request, http::Response& response);

// Of a visitor who has not signed in: what the tokens of his forms belong to. Empty when there is none.
Secret visit_token(const http::Request& request);
void set_visit_token(const http::Request& request, http::Response& response, const std::string& token);

// That somebody has signed in from this browser before, as whom is sealed in it.
struct DeviceMark {
  merchants::UserKey user;
  Sha256 hash{};  // of the cookie
};
std::optional<DeviceMark> device_mark(const http::Request& request, const Vault& vault);
void set_device_mark(const http::Request& request, http::Response& response, merchants::UserKey user,
                     const Vault& vault, Random& random);

void set_language_choice(const http::Request& request, http::Response& response, std::string_view language);

}  // namespace epay::pages
