#pragma once

#include "db/database.h"

namespace epay::app::store {

// Answers kept for an idempotency key count whole, for some of them are sealed.
inline constexpr db::Sql select_whether_any_secret{
    "SELECT EXISTS (SELECT 1 FROM endpoint_secrets) OR EXISTS (SELECT 1 FROM endpoints WHERE request_box IS NOT NULL) "
    "OR EXISTS (SELECT 1 FROM idempotency_keys) OR EXISTS (SELECT 1 FROM users WHERE totp_box IS NOT NULL) "
    "OR EXISTS (SELECT 1 FROM master_keys)"};

inline constexpr db::Sql select_key_mark{"SELECT box, kept_at FROM master_keys WHERE id = 1"};
inline constexpr db::Sql save_key_mark{
    "INSERT INTO master_keys (id, box, kept_at) VALUES (1, $1, $2) "
    "ON CONFLICT (id) DO UPDATE SET box = excluded.box, kept_at = excluded.kept_at"};
// One of each kind, and what its box is bound to.
inline constexpr db::Sql select_any_endpoint_secret{
    "SELECT merchant_id, endpoint_id, secret_box FROM endpoint_secrets ORDER BY merchant_id, endpoint_id LIMIT 1"};
inline constexpr db::Sql select_any_endpoint_extras{
    "SELECT merchant_id, id, request_box FROM endpoints WHERE request_box IS NOT NULL LIMIT 1"};
inline constexpr db::Sql select_any_totp_secret{
    "SELECT merchant_id, id, totp_box FROM users WHERE totp_box IS NOT NULL LIMIT 1"};
inline constexpr db::Sql select_any_telephone_code{
    "SELECT merchant_id, telephone, code_box FROM telephone_codes LIMIT 1"};
// All that is sealed, and what its boxes are bound to. Of answers only some are; a box tells itself from a text.
inline constexpr db::Sql select_endpoint_secrets{
    "SELECT merchant_id, endpoint_id, number, secret_box FROM endpoint_secrets"};
inline constexpr db::Sql update_endpoint_secret{
    "UPDATE endpoint_secrets SET secret_box = $4 WHERE merchant_id = $1 AND endpoint_id = $2 AND number = $3"};
inline constexpr db::Sql select_endpoint_extras{
    "SELECT merchant_id, id, request_box FROM endpoints WHERE request_box IS NOT NULL"};
inline constexpr db::Sql update_endpoint_extras{
    "UPDATE endpoints SET request_box = $3 WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql select_totp_secrets{"SELECT merchant_id, id, totp_box FROM users WHERE totp_box IS NOT NULL"};
inline constexpr db::Sql update_totp_secret{"UPDATE users SET totp_box = $3 WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql select_telephone_codes{"SELECT merchant_id, telephone, code_box FROM telephone_codes"};
inline constexpr db::Sql update_telephone_code{"UPDATE telephone_codes SET code_box = $2 WHERE merchant_id = $1"};
inline constexpr db::Sql select_answers{
    "SELECT merchant_id, idempotency_key, body FROM idempotency_keys WHERE (merchant_id, idempotency_key) > ($1, $2) "
    "ORDER BY merchant_id, idempotency_key LIMIT $3"};
inline constexpr db::Sql update_answer{
    "UPDATE idempotency_keys SET body = $3 WHERE merchant_id = $1 AND idempotency_key = $2"};
inline constexpr db::Sql select_latest_payment{"SELECT count(*), max(created_at) FROM payments"};

}  // namespace epay::app::store
