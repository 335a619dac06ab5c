#pragma once

#include "db/database.h"

namespace epay::sms::store {

inline constexpr db::Sql insert_message{
    "INSERT INTO text_messages (merchant_id, id, recipient, content, created_at, expires_at, due_at, tries) "
    "VALUES ($1, $2, $3, $4, $5, $6, $5, 0)"};
inline constexpr db::Sql select_due{
    "SELECT merchant_id, id, recipient, content, expires_at, tries FROM text_messages "
    "WHERE due_at <= $1 ORDER BY due_at, merchant_id, id LIMIT $2"};
inline constexpr db::Sql select_next_due{
    "SELECT due_at FROM text_messages WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1"};
inline constexpr db::Sql select_backlog{"SELECT count(*), min(due_at) FROM text_messages WHERE due_at IS NOT NULL"};
inline constexpr db::Sql update_sent{
    "UPDATE text_messages SET tries = tries + 1, sent_at = $3, due_at = NULL, failure = NULL, content = '' "
    "WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql update_failed{
    "UPDATE text_messages SET tries = tries + 1, failure = $3, due_at = $4, content = CASE WHEN CAST($4 AS BIGINT) IS "
    "NULL THEN '' "
    "ELSE content END WHERE merchant_id = $1 AND id = $2"};

}  // namespace epay::sms::store
