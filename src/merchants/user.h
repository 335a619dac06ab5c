// The people who sign in for a merchant: rows and rules, inside the caller's transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "merchants/role.h"

namespace epay::merchants {

inline constexpr std::size_t user_name_max = 100;  // characters
inline constexpr std::size_t users_max = 100;      // of one merchant

struct UserKey {
  MerchantId merchant;
  UserId user;
  friend auto operator<=>(const UserKey&, const UserKey&) = default;
};

// Letters that a user may do without. Values are bits' numbers in the store. What concerns his own password, sessions
// and second factor is always told.
enum class Notification : std::int64_t { webhook_trouble = 1, new_device = 2, team = 3 };
inline constexpr std::int64_t all_notifications = 14;
constexpr std::int64_t bit_of(Notification kind) { return std::int64_t(1) << static_cast<int>(kind); }

struct User {
  UserKey key;
  std::string name, email;
  std::optional<std::string> password_hash;  // without one he cannot sign in yet
  Role role = Role::viewer;
  std::string language;  // "en", "fr"; empty: as his browser asks
  std::int64_t notifications = all_notifications;
  std::optional<Timestamp> second_factor_since;
  std::optional<Timestamp> password_changed_at;
  Timestamp created_at;

  bool wants(Notification kind) const { return (notifications & bit_of(kind)) != 0; }
};

// How addresses are compared: ASCII letters in lower case.
std::string sign_in_address(std::string_view email);

struct NewUser {
  MerchantId merchant;
  std::string name, email;
  std::optional<std::string> password_hash;
  Role role = Role::viewer;
  std::string language;
  Timestamp now;
};

// Error: conflict (somebody signs in with this address, for whatever merchant).
Result<UserId> add_user(db::Transaction& tx, const NewUser& user);
std::optional<User> find_user(db::Transaction& tx, UserKey key);
std::optional<User> find_user_by_email(db::Transaction& tx, std::string_view email);
// In the order they came.
std::vector<User> list_users(db::Transaction& tx, MerchantId merchant);
// Who gets a letter of this kind: those whose role lets them see to it, and who want it.
std::vector<User> who_wants(db::Transaction& tx, MerchantId merchant, Notification kind, Permission concerned);

void set_user_name(db::Transaction& tx, UserKey key, std::string_view name);
// The address to sign in with. Errors: not_found, conflict (somebody signs in with it).
Result<> set_user_email(db::Transaction& tx, UserKey key, std::string_view email);
void set_language(db::Transaction& tx, UserKey key, std::string_view language);
void set_notifications(db::Transaction& tx, UserKey key, std::int64_t notifications);
void set_password(db::Transaction& tx, UserKey key, std::string_view password_hash, Timestamp now);
// Errors: not_found, conflict (a merchant has an owner).
Result<> set_role(db::Transaction& tx, UserKey key, Role role);
// With all that lets him in. Errors: not_found, conflict (a merchant has an owner).
Result<> remove_user(db::Transaction& tx, UserKey key);

}  // namespace epay::merchants
