#include "merchants/totp.h"

#include <algorithm>

#include "base/crypto.h"

namespace epay::merchants {
namespace {

constexpr std::string_view issuer = "Epay";

// As in the path of a URI (RFC 3986).
std::string escaped(std::string_view text) {
  static constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += {'%', hex[byte >> 4], hex[byte & 15]};
    }
  }
  return out;
}

}  // namespace

std::int64_t totp_step_at(Timestamp now) { return now.unix_seconds() / totp_step.count(); }

std::string totp_code(const Secret& secret, std::int64_t step, int digits) {
  std::string counter(8, '\0');
  for (std::size_t i = 0; i < counter.size(); ++i) counter[counter.size() - 1 - i] = char(step >> (8 * i));
  const auto mac = hmac_sha1(secret.reveal(), counter);
  const std::size_t offset = mac.back() & 15;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = (number << 8) | mac[offset + i];
  std::string code = std::to_string(number & 0x7FFFFFFF);
  const auto wanted = static_cast<std::size_t>(digits);
  if (code.size() < wanted) code.insert(0, wanted - code.size(), '0');
  return code.substr(code.size() - wanted);
}

std::optional<std::int64_t> matching_totp_step(const Secret& secret, std::string_view code, std::int64_t last_used,
                                               Timestamp now) {
  std::string given(code);
  std::erase(given, ' ');
  const std::int64_t at = totp_step_at(now);
  for (std::int64_t step = at - totp_steps_off_max; step <= at + totp_steps_off_max; ++step) {
    if (step > last_used && Secret(totp_code(secret, step)).equals(given)) return step;
  }
  return std::nullopt;
}

std::string totp_uri(const Secret& secret, std::string_view account) {
  return "otpauth://totp/" + std::string(issuer) + ":" + escaped(account) +
         "?secret=" + base32_encode(secret.reveal()) + "&issuer=" + std::string(issuer);
}

std::string shown_totp_secret(const Secret& secret) {
  std::string shown = base32_encode(secret.reveal());
  for (std::size_t at = 4; at < shown.size(); at += 5) shown.insert(at, 1, ' ');
  return shown;
}

}  // namespace epay::merchants
