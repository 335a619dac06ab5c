#pragma once

#include "db/database.h"

namespace epay::merchants::store {

inline constexpr db::Sql insert_session{
    "INSERT INTO sessions (merchant_id, token_hash, user_id, stage, mode, device, address, created_at, seen_at, "
    "authenticated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8)"};
inline constexpr db::Sql select_session{
    "SELECT user_id, token_hash, stage, mode, device, address, created_at, seen_at, authenticated_at FROM sessions "
    "WHERE merchant_id = $1 AND token_hash = $2"};
inline constexpr db::Sql select_sessions{
    "SELECT user_id, token_hash, stage, mode, device, address, created_at, seen_at, authenticated_at FROM sessions "
    "WHERE merchant_id = $1 AND user_id = $2 AND stage = 1 ORDER BY seen_at DESC"};
inline constexpr db::Sql update_session_seen{
    "UPDATE sessions SET seen_at = $3, address = $4 WHERE merchant_id = $1 AND token_hash = $2"};
inline constexpr db::Sql update_session_authenticated{
    "UPDATE sessions SET authenticated_at = $3 WHERE merchant_id = $1 AND token_hash = $2"};
inline constexpr db::Sql update_session_mode{
    "UPDATE sessions SET mode = $3 WHERE merchant_id = $1 AND token_hash = $2"};
inline constexpr db::Sql delete_session{
    "DELETE FROM sessions WHERE merchant_id = $1 AND user_id = $2 AND token_hash = $3"};
inline constexpr db::Sql delete_other_sessions{
    "DELETE FROM sessions WHERE merchant_id = $1 AND user_id = $2 AND token_hash <> $3"};
inline constexpr db::Sql delete_all_sessions{"DELETE FROM sessions WHERE merchant_id = $1 AND user_id = $2"};
inline constexpr db::Sql delete_old_sessions{
    "DELETE FROM sessions WHERE merchant_id = $1 AND (seen_at <= $2 OR created_at <= $3 OR (stage = 2 AND created_at "
    "<= $4))"};

}  // namespace epay::merchants::store
