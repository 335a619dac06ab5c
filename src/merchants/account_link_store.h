#pragma once

#include "db/database.h"

namespace epay::merchants::store {

inline constexpr db::Sql insert_reset{
    "INSERT INTO account_links (merchant_id, token_hash, kind, user_id, created_at, expires_at) "
    "VALUES ($1, $2, 1, $3, $4, $5)"};
inline constexpr db::Sql select_reset{
    "SELECT user_id FROM account_links WHERE merchant_id = $1 AND token_hash = $2 AND kind = 1 AND expires_at > $3"};
inline constexpr db::Sql delete_resets{
    "DELETE FROM account_links WHERE merchant_id = $1 AND kind = 1 AND user_id = $2"};
inline constexpr db::Sql insert_email_change{
    "INSERT INTO account_links (merchant_id, token_hash, kind, user_id, email, created_at, expires_at) "
    "VALUES ($1, $2, 3, $3, $4, $5, $6)"};
inline constexpr db::Sql select_email_change{
    "SELECT user_id, email FROM account_links WHERE merchant_id = $1 AND token_hash = $2 AND kind = 3 AND expires_at > "
    "$3"};
inline constexpr db::Sql delete_email_changes{
    "DELETE FROM account_links WHERE merchant_id = $1 AND kind = 3 AND user_id = $2"};
inline constexpr db::Sql insert_invitation{
    "INSERT INTO account_links (merchant_id, token_hash, kind, email, role, created_at, expires_at) "
    "VALUES ($1, $2, 2, $3, $4, $5, $6)"};
inline constexpr db::Sql select_invitation{
    "SELECT token_hash, email, role, created_at, expires_at FROM account_links "
    "WHERE merchant_id = $1 AND token_hash = $2 AND kind = 2 AND expires_at > $3"};
inline constexpr db::Sql select_invitations{
    "SELECT token_hash, email, role, created_at, expires_at FROM account_links "
    "WHERE merchant_id = $1 AND kind = 2 AND expires_at > $2 ORDER BY created_at DESC LIMIT $3"};
inline constexpr db::Sql delete_invitation{
    "DELETE FROM account_links WHERE merchant_id = $1 AND token_hash = $2 AND kind = 2"};
inline constexpr db::Sql delete_invitations_of{
    "DELETE FROM account_links WHERE merchant_id = $1 AND kind = 2 AND lower(email) = $2"};
inline constexpr db::Sql delete_old_links{"DELETE FROM account_links WHERE merchant_id = $1 AND expires_at <= $2"};

}  // namespace epay::merchants::store
