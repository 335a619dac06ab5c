#include "pages/forgery.h"

#include <algorithm>

#include "base/crypto.h"

namespace epay::pages {
namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::size_t local_path_max = 2'000;

std::string token_of(const Secret& key) { return to_bytes(hmac_sha256(key.reveal(), "epay form")); }

std::string combine(std::string_view bytes, std::string_view mask) {
  std::string out(bytes);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(out[i] ^ mask[i]);
  return out;
}

std::string_view host_of(std::string_view origin) {
  const std::size_t at = origin.find("://");
  return at == std::string_view::npos ? std::string_view() : origin.substr(at + 3);
}

}  // namespace

std::string masked_form_token(const Secret& key, Random& random) {
  const std::string mask = random.bytes(token_bytes);
  return base64url_encode(mask + combine(token_of(key), mask));
}

bool is_form_token(const Secret& key, std::string_view text) {
  if (key.empty()) return false;
  const auto bytes = base64url_decode(text);
  if (!bytes || bytes->size() != 2 * token_bytes) return false;
  const std::string_view both = *bytes;
  return Secret(token_of(key)).equals(combine(both.substr(token_bytes), both.substr(0, token_bytes)));
}

bool comes_from_us(const http::Request& request) {
  if (const std::string* origin = request.headers.find("origin")) {
    // The public URL, or the host that the browser itself has asked.
    return *origin == request.origin || (!host_of(*origin).empty() && host_of(*origin) == request.headers.get("host"));
  }
  if (const std::string* site = request.headers.find("sec-fetch-site")) return *site == "same-origin";
  return true;
}

bool is_our_form(const http::Request& request, const http::Form& form, const Secret& key) {
  const std::string* header = request.headers.find("x-csrf-token");
  return comes_from_us(request) && is_form_token(key, header != nullptr ? std::string_view(*header) : form.get("csrf"));
}

std::string local_path(std::string_view text, std::string_view otherwise) {
  const bool within = text.starts_with('/') && !text.starts_with("//") && text.size() <= local_path_max;
  // Browsers read a backslash as a slash, and pass over tabs and line breaks.
  const bool plain = std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7F && c != '\\'; });
  return std::string(within && plain ? text : otherwise);
}

}  // namespace epay::pages
