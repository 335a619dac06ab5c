// What a write may touch, so that writes on the same thing follow each other, in whatever process they are.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/ids.h"

namespace epay::db {

// SQLite has one writer, so every body is alone there, whatever its lane. On PostgreSQL the bodies of one lane are
// serial across all processes, and bodies of different lanes run beside each other.
class Lane {
 public:
  // Whatever there is: alone among all writes but the unordered. For what is rare; always right.
  static constexpr Lane everything() { return Lane(Kind::everything, 0); }
  // Only what belongs to the merchant, or is changed by single statements that are right by themselves (a counter, an
  // INSERT … ON CONFLICT).
  static constexpr Lane of(MerchantId merchant) { return Lane(Kind::one, merchant.value); }
  // Only what has this key. Two keys may share a lane, which costs time and nothing else.
  static constexpr Lane of(std::string_view key) {
    std::uint64_t hash = 14'695'981'039'346'656'037U;  // FNV-1a
    for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
    // Negative, where no merchant is; never the lock of everything.
    return Lane(Kind::one, static_cast<std::int64_t>(hash | (std::uint64_t(1) << 63)));
  }
  // Beside all others: every statement of the body is right by itself, whatever happens between them.
  static constexpr Lane unordered() { return Lane(Kind::unordered, 0); }

  bool is_everything() const { return kind_ == Kind::everything; }
  bool is_unordered() const { return kind_ == Kind::unordered; }
  std::int64_t key() const { return key_; }

 private:
  enum class Kind : std::uint8_t { everything, one, unordered };
  constexpr Lane(Kind kind, std::int64_t key) : kind_(kind), key_(key) {}
  Kind kind_;
  std::int64_t key_;
};

}  // namespace epay::db
