#pragma once

#include "db/database.h"

namespace epay::merchants::store {

inline constexpr db::Sql select_totp{
    "SELECT totp_box, totp_since, totp_step FROM users WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql update_totp{
    "UPDATE users SET totp_box = $3, totp_since = $4, totp_step = $5 WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql update_totp_step{
    "UPDATE users SET totp_step = $3 WHERE merchant_id = $1 AND id = $2 AND totp_step < $3"};
inline constexpr db::Sql update_totp_since{"UPDATE users SET totp_since = $3 WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql insert_recovery_code{
    "INSERT INTO recovery_codes (merchant_id, user_id, code_hash) VALUES ($1, $2, $3)"};
inline constexpr db::Sql delete_all_recovery_codes{
    "DELETE FROM recovery_codes WHERE merchant_id = $1 AND user_id = $2"};
inline constexpr db::Sql use_recovery_code{
    "UPDATE recovery_codes SET used_at = $4 WHERE merchant_id = $1 AND user_id = $2 AND code_hash = $3 AND used_at IS "
    "NULL"};
inline constexpr db::Sql select_recovery_codes_left{
    "SELECT count(*) FROM recovery_codes WHERE merchant_id = $1 AND user_id = $2 AND used_at IS NULL"};

}  // namespace epay::merchants::store
