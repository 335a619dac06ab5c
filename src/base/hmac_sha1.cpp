#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"
#include "base/crypto.h"

namespace epay {

// libsodium has no SHA-1.
std::array<unsigned char, 20> hmac_sha1(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, 20> out;
  unsigned int size = 0;
  const auto* made = HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()),
                          reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), out.data(), &size);
  EPAY_CHECK(made != nullptr && size == out.size());
  return out;
}

}  // namespace epay
