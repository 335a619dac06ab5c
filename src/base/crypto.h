// Hashes, MACs, encodings and sealed boxes (libsodium behind them). No randomness here: see runtime/random.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace epay {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view bytes);
Sha256 hmac_sha256(std::string_view key, std::string_view bytes);
std::array<unsigned char, 64> hmac_sha512(std::string_view key, std::string_view bytes);
// Only where a protocol asks for it (RFC 4226, RFC 6238).
std::array<unsigned char, 20> hmac_sha1(std::string_view key, std::string_view bytes);
// The bytes of a hash as a string, for a database column.
std::string to_bytes(const Sha256& hash);
// A 63-bit digest for narrow index columns; not secret, collisions are to be expected and checked for.
std::int64_t short_hash(std::string_view bytes);

// Ed25519 (RFC 8032) with the key pair that grows from a seed of 32 bytes.
inline constexpr std::size_t ed25519_seed_bytes = 32;
std::string ed25519_sign(std::string_view seed, std::string_view bytes);  // 64 bytes
std::string ed25519_public_key(std::string_view seed);                    // 32 bytes

std::string base64_encode(std::string_view bytes);  // standard alphabet, padded
std::optional<std::string> base64_decode(std::string_view text);
std::string hex_encode(std::string_view bytes);     // lower case
std::string base32_encode(std::string_view bytes);  // RFC 4648, upper case, not padded
// For addresses and cookies: '-' and '_' instead of '+' and '/', not padded.
std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);

// Secrets at rest: XChaCha20-Poly1305 under the installation's master key. `context` is authenticated with the box, so
// that one row's secret cannot be moved to another row.
class Vault {
 public:
  static constexpr std::size_t key_bytes = 32;
  static constexpr std::size_t nonce_bytes = 24;
  // The key must have key_bytes bytes.
  explicit Vault(Secret master_key);
  // `nonce` must be fresh random bytes.
  std::string seal(const Secret& secret, std::string_view context,
                   const std::array<unsigned char, nonce_bytes>& nonce) const;
  // Nothing when the box was altered, moved, or made under another key.
  std::optional<Secret> open(std::string_view box, std::string_view context) const;
  // A MAC under a key of its own for each purpose.
  Sha256 mac(std::string_view purpose, std::string_view bytes) const;

 private:
  Secret key_;
};

// What a guess costs whoever tries; as much for us. The default takes ~0.1 s and 64 MiB.
struct PasswordCost {
  std::uint64_t passes = 2;
  std::size_t memory_bytes = 64 * 1024 * 1024;
};
inline constexpr std::size_t password_salt_bytes = 16;

// Argon2id, for passwords that people choose, with its cost and salt in the text. Never on the reactor thread: see
// runtime/password_hasher.h. `salt` must be fresh random bytes.
std::string password_hash(const Secret& password, std::string_view salt, PasswordCost cost = {});
bool password_matches(const Secret& password, std::string_view hash);

}  // namespace epay
