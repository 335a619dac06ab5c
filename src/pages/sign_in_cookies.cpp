#include "pages/sign_in_cookies.h"

#include <charconv>

#include "http/cookies.h"
#include "pages/texts.h"

namespace epay::pages {
namespace {

constexpr std::string_view session_cookie = "epay_session";
constexpr std::string_view visit_cookie = "epay_visit";
constexpr std::string_view device_cookie = "epay_device";
constexpr std::string_view device_context = "device";
constexpr std::chrono::days device_life{180};

bool is_secure(const http::Request& request) { return request.origin.starts_with("https://"); }

http::SetCookie cookie(const http::Request& request, std::string_view name, std::string value) {
  const bool secure = is_secure(request);
  return {.name = (secure ? "__Host-" : "") + std::string(name), .value = std::move(value), .secure = secure};
}

std::string value_of(const http::Request& request, std::string_view name) {
  return http::find_cookie(request, (is_secure(request) ? "__Host-" : "") + std::string(name)).value_or("");
}

std::optional<merchants::UserKey> parse_user(std::string_view text) {
  merchants::UserKey user;
  const char* const end = text.data() + text.size();
  const auto merchant = std::from_chars(text.data(), end, user.merchant.value);
  if (merchant.ec != std::errc() || merchant.ptr == end || *merchant.ptr != ':') return std::nullopt;
  const auto id = std::from_chars(merchant.ptr + 1, end, user.user.value);
  if (id.ec != std::errc() || id.ptr != end) return std::nullopt;
  return user;
}

}  // namespace

Secret session_token(const http::Request& request) { return Secret(value_of(request, session_cookie)); }

void set_session_token(const http::Request& request, http::Response& response, const std::string& token) {
  http::add_cookie(response, cookie(request, session_cookie, token));
}

void forget_session_token(const http::Request& request, http::Response& response) {
  http::forget_cookie(response, cookie(request, session_cookie, ""));
}

Secret visit_token(const http::Request& request) { return Secret(value_of(request, visit_cookie)); }

void set_visit_token(const http::Request& request, http::Response& response, const std::string& token) {
  http::add_cookie(response, cookie(request, visit_cookie, token));
}

std::optional<DeviceMark> device_mark(const http::Request& request, const Vault& vault) {
  const std::string value = value_of(request, device_cookie);
  const auto box = base64url_decode(value);
  if (value.empty() || !box) return std::nullopt;
  const auto opened = vault.open(*box, device_context);
  const auto user = opened ? parse_user(opened->reveal()) : std::nullopt;
  return user ? std::optional(DeviceMark{*user, sha256(value)}) : std::nullopt;
}

void set_device_mark(const http::Request& request, http::Response& response, merchants::UserKey user,
                     const Vault& vault, Random& random) {
  const Secret name(std::to_string(user.merchant.value) + ":" + std::to_string(user.user.value));
  auto mark = cookie(request, device_cookie,
                     base64url_encode(vault.seal(name, device_context, random.array<Vault::nonce_bytes>())));
  mark.max_age = device_life;
  http::add_cookie(response, mark);
}

void set_language_choice(const http::Request& request, http::Response& response, std::string_view language) {
  http::SetCookie choice{.name = std::string(language_cookie), .value = std::string(language)};
  choice.secure = is_secure(request);
  choice.max_age = http::cookie_age_max;
  http::add_cookie(response, choice);
}

}  // namespace epay::pages
