#include "merchants/account_link.h"

#include <algorithm>

#include "merchants/access_token.h"
#include "merchants/account_link_store.h"

namespace epay::merchants {
namespace {

Invitation read_invitation(MerchantId merchant, const db::Row& row) {
  Invitation invitation{.merchant = merchant,
                        .email = row.string(1),
                        .role = row.as<Role>(2),
                        .created_at = row.time(3),
                        .expires_at = row.time(4)};
  const std::string_view hash = row.text(0);
  std::copy_n(hash.begin(), std::min(hash.size(), invitation.token_hash.size()), invitation.token_hash.begin());
  return invitation;
}

std::string hash_of(std::string_view token) { return to_bytes(sha256(token)); }

}  // namespace

void keep_reset(db::Transaction& tx, UserKey user, std::string_view token, Timestamp now) {
  tx.execute(store::delete_old_links, user.merchant, now);
  forget_resets(tx, user);
  tx.execute(store::insert_reset, user.merchant, db::Bytes{hash_of(token)}, user.user, now, now + reset_life);
}

std::optional<UserKey> find_reset(db::Transaction& tx, std::string_view token, Timestamp now) {
  const auto merchant = merchant_of_token(token);
  if (!merchant) return std::nullopt;
  return tx.query_one(
      store::select_reset, [&](const db::Row& row) { return UserKey{*merchant, row.id<UserId>(0)}; }, *merchant,
      db::Bytes{hash_of(token)}, now);
}

void forget_resets(db::Transaction& tx, UserKey user) { tx.execute(store::delete_resets, user.merchant, user.user); }

void keep_email_change(db::Transaction& tx, const EmailChange& change, std::string_view token, Timestamp now) {
  tx.execute(store::delete_old_links, change.user.merchant, now);
  forget_email_changes(tx, change.user);
  tx.execute(store::insert_email_change, change.user.merchant, db::Bytes{hash_of(token)}, change.user.user,
             change.email, now, now + email_change_life);
}

std::optional<EmailChange> find_email_change(db::Transaction& tx, std::string_view token, Timestamp now) {
  const auto merchant = merchant_of_token(token);
  if (!merchant) return std::nullopt;
  return tx.query_one(
      store::select_email_change,
      [&](const db::Row& row) { return EmailChange{{*merchant, row.id<UserId>(0)}, row.string(1)}; }, *merchant,
      db::Bytes{hash_of(token)}, now);
}

void forget_email_changes(db::Transaction& tx, UserKey user) {
  tx.execute(store::delete_email_changes, user.merchant, user.user);
}

Result<> keep_invitation(db::Transaction& tx, const Invitation& invitation, std::string_view token, Timestamp now) {
  tx.execute(store::delete_old_links, invitation.merchant, now);
  tx.execute(store::delete_invitations_of, invitation.merchant, sign_in_address(invitation.email));
  if (list_invitations(tx, invitation.merchant, now).size() >= invitations_max)
    return fail(ErrorCode::conflict, "too many invitations are open");
  tx.execute(store::insert_invitation, invitation.merchant, db::Bytes{hash_of(token)}, invitation.email,
             invitation.role, now, now + invitation_life);
  return {};
}

std::optional<Invitation> find_invitation(db::Transaction& tx, std::string_view token, Timestamp now) {
  const auto merchant = merchant_of_token(token);
  if (!merchant) return std::nullopt;
  return tx.query_one(
      store::select_invitation, [&](const db::Row& row) { return read_invitation(*merchant, row); }, *merchant,
      db::Bytes{hash_of(token)}, now);
}

std::vector<Invitation> list_invitations(db::Transaction& tx, MerchantId merchant, Timestamp now) {
  return tx.query_all(
      store::select_invitations, [&](const db::Row& row) { return read_invitation(merchant, row); }, merchant, now,
      invitations_max);
}

bool forget_invitation(db::Transaction& tx, MerchantId merchant, const Sha256& token_hash) {
  return tx.execute(store::delete_invitation, merchant, db::Bytes{to_bytes(token_hash)}) > 0;
}

}  // namespace epay::merchants
