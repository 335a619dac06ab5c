#include "merchants/user.h"

#include "merchants/user_store.h"

namespace epay::merchants {
namespace {

std::optional<Timestamp> optional_time(const db::Row& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.time(column));
}

User read_user(const db::Row& row) {
  return {.key = {row.id<MerchantId>(0), row.id<UserId>(1)},
          .name = row.string(2),
          .email = row.string(3),
          .password_hash = row.optional_string(4),
          .role = row.as<Role>(5),
          .language = row.optional_string(6).value_or(""),
          .notifications = row.integer(7),
          .second_factor_since = optional_time(row, 8),
          .password_changed_at = optional_time(row, 9),
          .created_at = row.time(10)};
}

// A merchant without an owner would have nobody to let others in.
Result<> check_owner_stays(db::Transaction& tx, const User& leaving) {
  if (leaving.role != Role::owner) return {};
  const auto other = tx.query_one(
      store::select_other_owner, [](const db::Row&) { return true; }, leaving.key.merchant, leaving.key.user);
  if (other) return {};
  return fail(ErrorCode::conflict, "the last owner stays owner");
}

}  // namespace

std::string sign_in_address(std::string_view email) {
  std::string address(email);
  for (char& c : address) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return address;
}

Result<UserId> add_user(db::Transaction& tx, const NewUser& user) {
  const UserId id{tx.next_id(db::Sequence::user)};
  if (tx.execute(store::insert_sign_in_address, sign_in_address(user.email), user.merchant, id) == 0)
    return fail(ErrorCode::conflict, "an account with the email " + user.email + " exists already");
  const auto language = user.language.empty() ? std::nullopt : std::optional(user.language);
  tx.execute(store::insert_user, user.merchant, id, user.name, user.email, user.password_hash, user.role, language,
             user.now);
  return id;
}

std::optional<User> find_user(db::Transaction& tx, UserKey key) {
  return tx.query_one(store::select_user, read_user, key.merchant, key.user);
}

std::optional<User> find_user_by_email(db::Transaction& tx, std::string_view email) {
  const auto key = tx.query_one(
      store::select_sign_in, [](const db::Row& row) { return UserKey{row.id<MerchantId>(0), row.id<UserId>(1)}; },
      sign_in_address(email));
  return key ? find_user(tx, *key) : std::nullopt;
}

std::vector<User> list_users(db::Transaction& tx, MerchantId merchant) {
  return tx.query_all(store::select_users, read_user, merchant, users_max);
}

std::vector<User> who_wants(db::Transaction& tx, MerchantId merchant, Notification kind, Permission concerned) {
  std::vector<User> users = list_users(tx, merchant);
  std::erase_if(users, [&](const User& user) { return !user.wants(kind) || !may(user.role, concerned); });
  return users;
}

void set_user_name(db::Transaction& tx, UserKey key, std::string_view name) {
  tx.execute(store::update_user_name, key.merchant, key.user, name);
}

Result<> set_user_email(db::Transaction& tx, UserKey key, std::string_view email) {
  const auto user = find_user(tx, key);
  if (!user) return fail(ErrorCode::not_found, "there is no such user");
  const std::string before = sign_in_address(user->email), after = sign_in_address(email);
  if (before != after) {
    if (tx.execute(store::insert_sign_in_address, after, key.merchant, key.user) == 0)
      return fail(ErrorCode::conflict, "an account with the email " + std::string(email) + " exists already");
    tx.execute(store::delete_sign_in_address, before, key.merchant, key.user);
  }
  tx.execute(store::update_user_email, key.merchant, key.user, email);
  return {};
}

void set_language(db::Transaction& tx, UserKey key, std::string_view language) {
  tx.execute(store::update_language, key.merchant, key.user, language);
}

void set_notifications(db::Transaction& tx, UserKey key, std::int64_t notifications) {
  tx.execute(store::update_notifications, key.merchant, key.user, notifications & all_notifications);
}

void set_password(db::Transaction& tx, UserKey key, std::string_view password_hash, Timestamp now) {
  tx.execute(store::update_password, key.merchant, key.user, password_hash, now);
}

Result<> set_role(db::Transaction& tx, UserKey key, Role role) {
  const auto user = find_user(tx, key);
  if (!user) return fail(ErrorCode::not_found, "there is no such user");
  if (role != Role::owner) {
    if (auto stays = check_owner_stays(tx, *user); !stays) return stays;
  }
  tx.execute(store::update_role, key.merchant, key.user, role);
  return {};
}

Result<> remove_user(db::Transaction& tx, UserKey key) {
  const auto user = find_user(tx, key);
  if (!user) return fail(ErrorCode::not_found, "there is no such user");
  if (auto stays = check_owner_stays(tx, *user); !stays) return stays;
  tx.execute(store::delete_user_sessions, key.merchant, key.user);
  tx.execute(store::delete_user_links, key.merchant, key.user);
  tx.execute(store::delete_recovery_codes, key.merchant, key.user);
  tx.execute(store::delete_sign_in_address, sign_in_address(user->email), key.merchant, key.user);
  tx.execute(store::delete_user, key.merchant, key.user);
  return {};
}

}  // namespace epay::merchants
