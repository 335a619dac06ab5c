// Links in letters that let their reader do one thing, once: choose a new password, join a merchant's team, sign in
// with another address.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/ids.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "merchants/user.h"

namespace epay::merchants {

inline constexpr hours reset_life{1};
inline constexpr hours email_change_life{24};
inline constexpr hours invitation_life{7 * 24};
inline constexpr std::size_t invitations_max = 50;  // of one merchant at a time

// Tokens are made by make_access_token, which names the merchant; the store has their hash.

// Choosing a new password. The links that were sent before are of no use any more.
void keep_reset(db::Transaction& tx, UserKey user, std::string_view token, Timestamp now);
std::optional<UserKey> find_reset(db::Transaction& tx, std::string_view token, Timestamp now);
// Uses up every such link of the user.
void forget_resets(db::Transaction& tx, UserKey user);

// Signing in with another address, which the letter goes to. Replaces an earlier one.
struct EmailChange {
  UserKey user;
  std::string email;
};
void keep_email_change(db::Transaction& tx, const EmailChange& change, std::string_view token, Timestamp now);
std::optional<EmailChange> find_email_change(db::Transaction& tx, std::string_view token, Timestamp now);
void forget_email_changes(db::Transaction& tx, UserKey user);

struct Invitation {
  MerchantId merchant;
  Sha256 token_hash{};
  std::string email;
  Role role = Role::viewer;
  Timestamp created_at, expires_at;
};

// An earlier invitation of the same address is replaced. Error: conflict (invitations_max are open).
Result<> keep_invitation(db::Transaction& tx, const Invitation& invitation, std::string_view token, Timestamp now);
std::optional<Invitation> find_invitation(db::Transaction& tx, std::string_view token, Timestamp now);
// That are open, the newest first.
std::vector<Invitation> list_invitations(db::Transaction& tx, MerchantId merchant, Timestamp now);
// Whether there was one.
bool forget_invitation(db::Transaction& tx, MerchantId merchant, const Sha256& token_hash);

}  // namespace epay::merchants
