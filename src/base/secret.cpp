#include "base/secret.h"

#include <sodium.h>

namespace epay {

Secret::~Secret() { sodium_memzero(value_.data(), value_.size()); }

bool Secret::equals(std::string_view other) const {
  return value_.size() == other.size() && sodium_memcmp(value_.data(), other.data(), other.size()) == 0;
}

}  // namespace epay
