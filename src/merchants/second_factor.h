// A user's second factor: an authenticator app, and codes on paper for when the telephone is lost.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "merchants/user.h"
#include "runtime/random.h"

namespace epay::merchants {

inline constexpr std::size_t recovery_codes = 10;

struct NewSecondFactor {
  Secret secret;
  std::array<unsigned char, Vault::nonce_bytes> nonce;
};

// What the box of a user's secret is bound to in the vault.
std::string totp_context(UserKey user);

// The secret that an app is being set up with. It counts for nothing until confirm_second_factor; one that waits
// already is kept, so that a reload of the page shows the same. Error: conflict (a second factor is in force).
Result<Secret> prepare_second_factor(db::Transaction& tx, UserKey user, const NewSecondFactor& fresh,
                                     const Vault& vault);
// With a code of the app that was set up it comes into force. False when the code is wrong.
bool confirm_second_factor(db::Transaction& tx, UserKey user, std::string_view code, const Vault& vault, Timestamp now);
void remove_second_factor(db::Transaction& tx, UserKey user);

// "k7dm-2qxw-9frt-h4vb": 80 bits, without letters that are taken for digits.
std::vector<std::string> make_recovery_codes(Random& random);
// In place of those before.
void keep_recovery_codes(db::Transaction& tx, UserKey user, const std::vector<std::string>& codes);
std::int64_t count_recovery_codes(db::Transaction& tx, UserKey user);  // that are unused

enum class FactorVerdict { wrong, app_code, recovery_code };
// A code is good once. Case and dashes of a recovery code do not matter.
FactorVerdict try_second_factor(db::Transaction& tx, UserKey user, std::string_view code, const Vault& vault,
                                Timestamp now);

}  // namespace epay::merchants
