#include "webhooks/signer.h"

#include <charconv>

#include "base/crypto.h"

namespace epay::webhooks {
namespace {

std::string signed_bytes(const SignedContent& content) {
  std::string bytes;
  bytes.reserve(content.webhook_id.size() + content.body.size() + 24);
  bytes += content.webhook_id;
  bytes += '.';
  bytes += std::to_string(content.sent_at.unix_seconds());
  bytes += '.';
  bytes += content.body;
  return bytes;
}

bool is_good_at(const events::SigningSecret& secret, Timestamp at) {
  return !secret.expires_at || at < *secret.expires_at;
}

Result<Timestamp> parse_timestamp(std::string_view text, Timestamp now) {
  std::int64_t unix_seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), unix_seconds);
  constexpr std::int64_t seconds_most = INT64_MAX / 2'000'000;
  if (error != std::errc() || end != text.data() + text.size() || unix_seconds < 0 || unix_seconds > seconds_most) {
    return fail(ErrorCode::invalid, "webhook-timestamp must be a number of seconds since 1970");
  }
  const Timestamp sent_at{unix_seconds * 1'000'000};
  const auto age = std::to_string(std::abs(now.unix_seconds() - unix_seconds));
  if (now - sent_at > signature_tolerance) {
    return fail(ErrorCode::invalid, "webhook-timestamp is " + age + " s old; receivers refuse more than 300 s");
  }
  if (sent_at - now > signature_tolerance) {
    return fail(ErrorCode::invalid, "webhook-timestamp is " + age + " s in the future; check the clock");
  }
  return sent_at;
}

}  // namespace

std::string sign(const Secret& secret, const SignedContent& content) {
  return "v1," + base64_encode(to_bytes(hmac_sha256(secret.reveal(), signed_bytes(content))));
}

std::string sign(const events::SigningSecret& secret, const SignedContent& content) {
  switch (secret.scheme) {
    case events::SignatureScheme::v1: return sign(secret.bytes, content);
    case events::SignatureScheme::v1a:
      return "v1a," + base64_encode(ed25519_sign(secret.bytes.reveal(), signed_bytes(content)));
  }
  return "";
}

std::string signature_header(const std::vector<events::SigningSecret>& secrets, const SignedContent& content) {
  std::string header;
  for (const events::SigningSecret& secret : secrets) {
    if (!is_good_at(secret, content.sent_at)) continue;
    if (!header.empty()) header += ' ';
    header += sign(secret, content);
  }
  return header;
}

Result<> verify(const std::vector<events::SigningSecret>& secrets, const SignedMessage& message, Timestamp now) {
  if (message.webhook_id.empty()) return fail(ErrorCode::invalid, "webhook-id is missing");
  if (message.timestamp.empty()) return fail(ErrorCode::invalid, "webhook-timestamp is missing");
  if (message.signature.empty()) return fail(ErrorCode::invalid, "webhook-signature is missing");
  const auto sent_at = parse_timestamp(message.timestamp, now);
  if (!sent_at) return std::unexpected(sent_at.error());
  const SignedContent content{message.webhook_id, *sent_at, message.body};
  bool known_version = false;
  for (std::string_view rest = message.signature; !rest.empty();) {
    const std::string_view one = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    known_version = known_version || one.starts_with("v1,") || one.starts_with("v1a,");
    for (const events::SigningSecret& secret : secrets) {
      if (is_good_at(secret, now) && Secret(sign(secret, content)).equals(one)) return {};
    }
  }
  if (!known_version) {
    return fail(ErrorCode::invalid, "webhook-signature has no signature of a known version; it looks like v1,…");
  }
  return fail(ErrorCode::invalid,
              "no signature in webhook-signature fits: another secret signed it, or the body is not, byte for byte, "
              "what was sent");
}

}  // namespace epay::webhooks
