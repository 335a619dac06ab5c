#include "http/cookies.h"

#include <algorithm>

#include "base/check.h"
#include "http/header_text.h"

namespace epay::http {
namespace {

// RFC 6265 §4.1.1, cookie-octet
bool is_value_character(unsigned char c) {
  return c > 0x20 && c < 0x7F && c != '"' && c != ',' && c != ';' && c != '\\';
}

bool is_path_character(unsigned char c) { return c >= 0x20 && c < 0x7F && c != ';'; }

std::string_view name_of(SameSite same_site) {
  switch (same_site) {
    case SameSite::strict: return "Strict";
    case SameSite::lax: return "Lax";
    case SameSite::none: return "None";
  }
  return "Strict";
}

void check_rules(const SetCookie& cookie) {
  EPAY_CHECK(is_token(cookie.name));
  EPAY_CHECK(std::ranges::all_of(cookie.value, is_value_character));
  EPAY_CHECK(cookie.name.size() + cookie.value.size() <= cookie_bytes_max);
  EPAY_CHECK(cookie.path.starts_with('/'));
  EPAY_CHECK(std::ranges::all_of(cookie.path, is_path_character));
  EPAY_CHECK(!cookie.max_age || *cookie.max_age >= seconds(0));
  EPAY_CHECK(!cookie.max_age || *cookie.max_age <= cookie_age_max);
  EPAY_CHECK(cookie.same_site != SameSite::none || cookie.secure);
  EPAY_CHECK(!cookie.name.starts_with("__Secure-") || cookie.secure);
  EPAY_CHECK(!cookie.name.starts_with("__Host-") || (cookie.secure && cookie.path == "/"));
}

}  // namespace

std::vector<std::pair<std::string_view, std::string_view>> parse_cookies(std::string_view header) {
  std::vector<std::pair<std::string_view, std::string_view>> cookies;
  for (std::size_t looked_at = 0; !header.empty() && looked_at < cookies_max; ++looked_at) {
    const std::string_view pair = header.substr(0, header.find(';'));
    header.remove_prefix(std::min(pair.size() + 1, header.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = trim_blanks(pair.substr(0, equals));
    std::string_view value = trim_blanks(pair.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    if (name.empty() || std::ranges::any_of(name, is_control_character) ||
        std::ranges::any_of(value, is_control_character))
      continue;
    cookies.emplace_back(name, value);
  }
  return cookies;
}

std::optional<std::string> find_cookie(const Request& request, std::string_view name) {
  for (const auto& [field, content] : request.headers) {
    if (!equal_ignoring_case(field, "Cookie")) continue;
    for (const auto& [key, value] : parse_cookies(content)) {
      if (key == name) return std::string(value);
    }
  }
  return std::nullopt;
}

std::string write_set_cookie(const SetCookie& cookie) {
  check_rules(cookie);
  std::string text = cookie.name + "=" + cookie.value + "; Path=" + cookie.path;
  if (cookie.max_age) text += "; Max-Age=" + std::to_string(cookie.max_age->count());
  if (cookie.secure) text += "; Secure";
  if (cookie.http_only) text += "; HttpOnly";
  return text + "; SameSite=" + std::string(name_of(cookie.same_site));
}

void add_cookie(Response& response, const SetCookie& cookie) {
  response.headers.add("Set-Cookie", write_set_cookie(cookie));
}

void forget_cookie(Response& response, SetCookie cookie) {
  cookie.value.clear();
  cookie.max_age = seconds(0);
  add_cookie(response, cookie);
}

}  // namespace epay::http
