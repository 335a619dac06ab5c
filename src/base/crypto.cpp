#include "base/crypto.h"

#include <sodium.h>

#include <cstring>
#include <new>

#include "base/check.h"

namespace epay {
namespace {

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string unpadded_base64(std::string_view bytes) {
  std::string text = base64_encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

struct KeyPair {
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> open;
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret;

  explicit KeyPair(std::string_view seed) {
    static_assert(ed25519_seed_bytes == crypto_sign_SEEDBYTES);
    EPAY_CHECK(seed.size() == ed25519_seed_bytes);
    crypto_sign_seed_keypair(open.data(), secret.data(), bytes_of(seed));
  }
  ~KeyPair() { sodium_memzero(secret.data(), secret.size()); }
};

}  // namespace

Sha256 sha256(std::string_view bytes) {
  Sha256 out;
  crypto_hash_sha256(out.data(), bytes_of(bytes), bytes.size());
  return out;
}

Sha256 hmac_sha256(std::string_view key, std::string_view bytes) {
  Sha256 out;
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(bytes), bytes.size());
  crypto_auth_hmacsha256_final(&state, out.data());
  return out;
}

std::array<unsigned char, 64> hmac_sha512(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, 64> out;
  crypto_auth_hmacsha512_state state;
  crypto_auth_hmacsha512_init(&state, bytes_of(key), key.size());
  crypto_auth_hmacsha512_update(&state, bytes_of(bytes), bytes.size());
  crypto_auth_hmacsha512_final(&state, out.data());
  return out;
}

std::string to_bytes(const Sha256& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

std::int64_t short_hash(std::string_view bytes) {
  std::array<unsigned char, crypto_generichash_BYTES_MIN> out;
  crypto_generichash(out.data(), out.size(), bytes_of(bytes), bytes.size(), nullptr, 0);
  std::uint64_t value;
  std::memcpy(&value, out.data(), sizeof value);
  return static_cast<std::int64_t>(value >> 1);
}

std::string ed25519_sign(std::string_view seed, std::string_view bytes) {
  const KeyPair keys(seed);
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, bytes_of(bytes), bytes.size(),
                       keys.secret.data());
  return signature;
}

std::string ed25519_public_key(std::string_view seed) {
  const KeyPair keys(seed);
  return {reinterpret_cast<const char*>(keys.open.data()), keys.open.size()};
}

std::string base64_encode(std::string_view bytes) {
  std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes_of(bytes), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // the terminating zero
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  std::string out(text.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), nullptr,
                        &size, &end, sodium_base64_VARIANT_ORIGINAL) != 0 ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

std::string base64url_encode(std::string_view bytes) {
  constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string out(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes_of(bytes), bytes.size(), variant);
  out.pop_back();  // the terminating zero
  return out;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  std::string out(text.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), nullptr,
                        &size, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

std::string base32_encode(std::string_view bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::uint32_t pending = 0;
  int bits = 0;
  for (const char c : bytes) {
    pending = (pending << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) out += alphabet[(pending >> (bits - 5)) & 31];
  }
  if (bits > 0) out += alphabet[(pending << (5 - bits)) & 31];
  return out;
}

std::string hex_encode(std::string_view bytes) {
  std::string out(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes_of(bytes), bytes.size());
  out.pop_back();
  return out;
}

Vault::Vault(Secret master_key) : key_(std::move(master_key)) {
  static_assert(key_bytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  static_assert(nonce_bytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  EPAY_CHECK(key_.reveal().size() == key_bytes);
}

std::string Vault::seal(const Secret& secret, std::string_view context,
                        const std::array<unsigned char, nonce_bytes>& nonce) const {
  const std::string& plain = secret.reveal();
  std::string box(nonce_bytes + plain.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
  std::memcpy(box.data(), nonce.data(), nonce_bytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(box.data()) + nonce_bytes, nullptr,
                                             bytes_of(plain), plain.size(), bytes_of(context), context.size(), nullptr,
                                             nonce.data(), bytes_of(key_.reveal()));
  return box;
}

std::optional<Secret> Vault::open(std::string_view box, std::string_view context) const {
  constexpr std::size_t overhead = nonce_bytes + crypto_aead_xchacha20poly1305_ietf_ABYTES;
  if (box.size() < overhead) return std::nullopt;
  std::string plain(box.size() - overhead, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          reinterpret_cast<unsigned char*>(plain.data()), nullptr, nullptr, bytes_of(box) + nonce_bytes,
          box.size() - nonce_bytes, bytes_of(context), context.size(), bytes_of(box), bytes_of(key_.reveal())) != 0) {
    return std::nullopt;
  }
  return Secret(std::move(plain));
}

Sha256 Vault::mac(std::string_view purpose, std::string_view bytes) const {
  const Sha256 key = hmac_sha256(key_.reveal(), "mac: " + std::string(purpose));
  return hmac_sha256(to_bytes(key), bytes);
}

std::string password_hash(const Secret& password, std::string_view salt, PasswordCost cost) {
  static_assert(password_salt_bytes == crypto_pwhash_SALTBYTES);
  EPAY_CHECK(salt.size() == password_salt_bytes);
  std::string hash(32, '\0');
  if (crypto_pwhash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(), password.reveal().data(),
                    password.reveal().size(), bytes_of(salt), cost.passes, cost.memory_bytes,
                    crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw std::bad_alloc();
  }
  // As crypto_pwhash_str writes it, which takes its salt from the system, past our seam to chance.
  return "$argon2id$v=19$m=" + std::to_string(cost.memory_bytes / 1024) + ",t=" + std::to_string(cost.passes) +
         ",p=1$" + unpadded_base64(salt) + "$" + unpadded_base64(hash);
}

bool password_matches(const Secret& password, std::string_view hash) {
  return crypto_pwhash_str_verify(std::string(hash).c_str(), password.reveal().data(), password.reveal().size()) == 0;
}

}  // namespace epay
