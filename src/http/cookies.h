// Cookies (RFC 6265 and its successor's draft), both ways.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/timestamp.h"
#include "http/message.h"

namespace epay::http {

inline constexpr std::size_t cookies_max = 64;  // of a request; further ones are not looked at
inline constexpr std::size_t cookie_bytes_max = 4'096;
inline constexpr std::chrono::days cookie_age_max{400};  // browsers forget sooner what says longer

// The pairs of a Cookie header, in order. What is no pair, or has a control character, is passed over: it can come from
// another application on the same host, and is no reason to refuse a request.
std::vector<std::pair<std::string_view, std::string_view>> parse_cookies(std::string_view header);

// The value of the request's cookie of that name. Of several the first, which a browser sends as the one with the
// longest path; where it matters that no neighbour under the same domain can set one, the name begins with __Host-.
std::optional<std::string> find_cookie(const Request& request, std::string_view name);

enum class SameSite { strict, lax, none };

// A cookie to be kept by the browser, for this host alone. There is no Domain: it would hand the cookie to every
// neighbour.
struct SetCookie {
  std::string name;   // a token; with __Host- it must be secure and for the path "/", with __Secure- it must be secure
  std::string value;  // visible ASCII without , ; " and backslash; with the name at most cookie_bytes_max
  std::string path = "/";
  std::optional<seconds> max_age = {};  // none: until the browser is closed; zero: it is to be forgotten now
  bool http_only = true;                // out of reach of scripts
  bool secure = true;                   // over TLS only
  SameSite same_site = SameSite::lax;   // none must be secure
};

// The header's value. What the fields promise is checked: a browser would silently drop a cookie that breaks it.
std::string write_set_cookie(const SetCookie& cookie);
void add_cookie(Response& response, const SetCookie& cookie);
// Makes the browser forget a cookie that was set with this name, path and security.
void forget_cookie(Response& response, SetCookie cookie);

}  // namespace epay::http
