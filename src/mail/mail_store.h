#pragma once

#include "db/database.h"

namespace epay::mail::store {

inline constexpr db::Sql insert_mail{
    "INSERT INTO mails (merchant_id, id, recipient, subject, text_body, html_body, created_at, due_at, tries) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 0)"};
inline constexpr db::Sql select_due{
    "SELECT merchant_id, id, recipient, subject, text_body, html_body, created_at, tries FROM mails "
    "WHERE due_at <= $1 ORDER BY due_at, merchant_id, id LIMIT $2"};
inline constexpr db::Sql select_next_due{"SELECT due_at FROM mails WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1"};
inline constexpr db::Sql select_backlog{"SELECT count(*), min(due_at) FROM mails WHERE due_at IS NOT NULL"};
inline constexpr db::Sql update_sent{
    "UPDATE mails SET tries = tries + 1, sent_at = $3, due_at = NULL, failure = NULL, text_body = '', html_body = NULL "
    "WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql update_failed{
    "UPDATE mails SET tries = tries + 1, failure = $3, due_at = $4 WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql select_recent{
    "SELECT id, recipient, subject, created_at, tries, due_at, sent_at, failure FROM mails "
    "WHERE merchant_id = $1 ORDER BY id DESC LIMIT $2"};

}  // namespace epay::mail::store
