#pragma once

#include "db/database.h"

namespace epay::merchants::store {

inline constexpr db::Sql insert_user{
    "INSERT INTO users (merchant_id, id, name, email, password_hash, role, language, created_at, password_changed_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)"};
inline constexpr db::Sql insert_sign_in_address{
    "INSERT INTO sign_in_addresses (email, merchant_id, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"};
inline constexpr db::Sql select_user{
    "SELECT merchant_id, id, name, email, password_hash, role, language, notifications, totp_since, "
    "password_changed_at, created_at FROM users WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql select_users{
    "SELECT merchant_id, id, name, email, password_hash, role, language, notifications, totp_since, "
    "password_changed_at, created_at FROM users WHERE merchant_id = $1 ORDER BY created_at, id LIMIT $2"};
inline constexpr db::Sql select_sign_in{"SELECT merchant_id, user_id FROM sign_in_addresses WHERE email = $1"};
inline constexpr db::Sql select_other_owner{
    "SELECT 1 FROM users WHERE merchant_id = $1 AND id <> $2 AND role = 1 LIMIT 1"};
inline constexpr db::Sql update_user_name{"UPDATE users SET name = $3 WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql update_user_email{"UPDATE users SET email = $3 WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql update_language{"UPDATE users SET language = $3 WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql update_notifications{"UPDATE users SET notifications = $3 WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql update_password{
    "UPDATE users SET password_hash = $3, password_changed_at = $4 WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql update_role{"UPDATE users SET role = $3 WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql delete_user{"DELETE FROM users WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql delete_sign_in_address{
    "DELETE FROM sign_in_addresses WHERE email = $1 AND merchant_id = $2 AND user_id = $3"};
inline constexpr db::Sql delete_user_links{"DELETE FROM account_links WHERE merchant_id = $1 AND user_id = $2"};
inline constexpr db::Sql delete_user_sessions{"DELETE FROM sessions WHERE merchant_id = $1 AND user_id = $2"};
inline constexpr db::Sql delete_recovery_codes{"DELETE FROM recovery_codes WHERE merchant_id = $1 AND user_id = $2"};

}  // namespace epay::merchants::store
