// Opening an account from a form: what was typed waits until the link in the letter is opened, and only then is there a
// merchant. Whether the address has an account already is told to its owner alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "merchants/user.h"

namespace epay::merchants {

inline constexpr hours registration_life{24};
inline constexpr std::size_t merchant_name_max = 200;  // characters
inline constexpr std::size_t merchant_key_length = 16;
inline constexpr std::size_t link_chance = 40;  // letters and digits of a link's token

struct RegistrationForm {
  std::string name, email, telephone, password;
};

// Every fault of every field; `code` is a key of a text (required, too_long, email, telephone, password_short …).
std::vector<FieldError> check_registration(const RegistrationForm& form);
// The same for parts of it.
std::optional<FieldError> check_name(std::string_view field, std::string_view name, std::size_t max);
std::optional<FieldError> check_telephone(std::string_view telephone);

struct Registration {
  std::string name, email, telephone, password_hash, language;
};

// Good for registration_life. Also deletes what has expired.
void keep_registration(db::Transaction& tx, const Registration& registration, std::string_view token, Timestamp now);
std::optional<Registration> find_registration(db::Transaction& tx, std::string_view token, Timestamp now);
// Makes the merchant and its owner; the link is used up. Errors: not_found, conflict (the address has an account by
// now).
Result<UserKey> complete_registration(db::Transaction& tx, std::string_view token, std::string_view merchant_key,
                                      Timestamp now);

}  // namespace epay::merchants
