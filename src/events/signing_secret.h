// What signs an endpoint's deliveries (Standard Webhooks 1.0.0), sealed at rest. A secret that is replaced goes on
// signing beside the new one for a while, so that nobody has to change two programs at the same moment.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "events/endpoint.h"

namespace epay::events {

enum class SignatureScheme : std::int64_t { v1 = 1 /* HMAC-SHA256 */, v1a = 2 /* Ed25519 */ };

inline constexpr std::size_t signing_secret_bytes = 32;  // of v1; of v1a it is the key pair's seed
inline constexpr hours old_secret_life{24};              // unless asked for otherwise
inline constexpr hours old_secret_life_most{7 * 24};
inline constexpr std::size_t old_secrets_max = 10;

struct SigningSecret {
  SignatureScheme scheme = SignatureScheme::v1;
  Secret bytes;
  std::int64_t number = 0;
  Timestamp created_at;
  std::optional<Timestamp> expires_at;  // of one that was replaced
};

// What a secret's box is bound to in the vault.
std::string secret_context(LaneKey key);
// What a receiver verifies with: "whsec_" + base64 of the secret (v1), "whpk_" + base64 of the public key (v1a).
std::string show_verifier(const SigningSecret& secret);
// The bytes behind "whsec_…". Nothing for another text.
std::optional<Secret> parse_shown_secret(std::string_view text);

struct NewSecret {
  SignatureScheme scheme = SignatureScheme::v1;
  Secret bytes;  // signing_secret_bytes random bytes
  Nonce nonce;
};

// An endpoint with its first secret. Error: conflict when the merchant has endpoints_max already.
Result<LaneKey> open_endpoint(db::Transaction& tx, MerchantId merchant, const EndpointSettings& settings,
                              const NewSecret& secret, const Vault& vault, Timestamp now);
// A new secret: the present ones expire `old_life` later, and the oldest are dropped where there would be more than
// old_secrets_max.
void add_secret(db::Transaction& tx, LaneKey key, const NewSecret& secret, const Vault& vault, microseconds old_life,
                Timestamp now);
// Those that sign at `now`, the newest first. Error: unavailable when one does not open (another master key).
Result<std::vector<SigningSecret>> signing_secrets(db::Transaction& tx, LaneKey key, const Vault& vault, Timestamp now);

}  // namespace epay::events
