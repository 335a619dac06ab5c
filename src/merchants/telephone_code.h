// Verifying a merchant's telephone by a code of six digits that is sent to it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/crypto.h"
#include "base/ids.h"
#include "base/timestamp.h"
#include "db/database.h"

namespace epay::merchants {

inline constexpr std::size_t telephone_code_digits = 6;
inline constexpr minutes telephone_code_life{10};
inline constexpr int telephone_code_tries_max = 5;  // then a new code is to be sent
inline constexpr seconds telephone_code_every{60};  // from one sending to the next

struct NewTelephoneCode {
  std::string telephone;  // where it goes
  Secret code;
  std::array<unsigned char, Vault::nonce_bytes> nonce;
};

// What a code's box is bound to in the vault.
std::string telephone_code_context(MerchantId merchant, std::string_view telephone);

// Replaces the code before it. When it may not be sent yet, nothing is changed, and it says how long to wait.
std::optional<microseconds> keep_telephone_code(db::Transaction& tx, MerchantId merchant, const NewTelephoneCode& code,
                                                const Vault& vault, Timestamp now);

enum class CodeVerdict { right, wrong, expired, too_many_tries };
// Counts the try. The right code marks the merchant's telephone as verified and is used up.
CodeVerdict try_telephone_code(db::Transaction& tx, MerchantId merchant, std::string_view code, const Vault& vault,
                               Timestamp now);

struct SentTelephoneCode {
  std::string telephone;
  Timestamp sent_at, expires_at;
  int tries = 0;
};
std::optional<SentTelephoneCode> sent_telephone_code(db::Transaction& tx, MerchantId merchant);

}  // namespace epay::merchants
