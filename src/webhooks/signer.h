// Standard Webhooks 1.0.0 signatures over id "." timestamp "." body: "v1," + base64 of HMAC-SHA256, "v1a," + base64 of
// Ed25519.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "base/timestamp.h"
#include "events/signing_secret.h"

namespace epay::webhooks {

// How far a receiver may find the timestamp from its own clock.
inline constexpr seconds signature_tolerance{300};

struct SignedContent {
  std::string_view webhook_id;
  Timestamp sent_at;  // of this try: a retry is signed anew
  std::string_view body;
};

std::string sign(const events::SigningSecret& secret, const SignedContent& content);
// Symmetric, with these bytes.
std::string sign(const Secret& secret, const SignedContent& content);

// The header's value: a signature of each secret that is good at `content.sent_at`, the newest first.
std::string signature_header(const std::vector<events::SigningSecret>& secrets, const SignedContent& content);

// A received delivery, as its headers and body were. For whoever wants to know why a signature does not fit.
struct SignedMessage {
  std::string_view webhook_id, timestamp, signature, body;
};
// Errors: invalid, saying what is wrong (a header missing or malformed, too old, from the future, no signature of a
// known version, none that fits).
Result<> verify(const std::vector<events::SigningSecret>& secrets, const SignedMessage& message, Timestamp now);

}  // namespace epay::webhooks
