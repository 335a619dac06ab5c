#include "runtime/random.h"

#include <sodium.h>

#include <cstring>

#include "base/check.h"

namespace epay::runtime {

std::uint64_t Random::below(std::uint64_t bound) {
  EPAY_CHECK(bound > 0);
  const std::uint64_t rejected = (0 - bound) % bound;  // values below it would favour small results
  for (;;) {
    std::uint64_t value;
    const auto raw = array<sizeof value>();
    std::memcpy(&value, raw.data(), sizeof value);
    if (value >= rejected) return value % bound;
  }
}

std::string Random::text(std::size_t length, std::string_view alphabet) {
  EPAY_CHECK(!alphabet.empty() && alphabet.size() <= 256);
  const std::size_t usable = 256 / alphabet.size() * alphabet.size();
  std::string out;
  out.reserve(length);
  std::array<unsigned char, 64> pool;
  while (out.size() < length) {
    fill(pool);
    for (unsigned char byte : pool) {
      if (byte < usable && out.size() < length) out += alphabet[byte % alphabet.size()];
    }
  }
  return out;
}

std::string Random::bytes(std::size_t count) {
  std::string out(count, '\0');
  fill({reinterpret_cast<unsigned char*>(out.data()), out.size()});
  return out;
}

SystemRandom::SystemRandom() { EPAY_CHECK(sodium_init() >= 0); }
void SystemRandom::fill(std::span<unsigned char> bytes) { randombytes_buf(bytes.data(), bytes.size()); }

}  // namespace epay::runtime
