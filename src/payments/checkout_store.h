#pragma once

#include "db/database.h"

namespace epay::payments::store {

inline constexpr db::Sql insert_checkout_token{
    "INSERT INTO checkout_tokens (token, merchant_id, mode, payment_id, expires_at) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT DO NOTHING"};
inline constexpr db::Sql select_checkout_token{
    "SELECT merchant_id, mode, payment_id FROM checkout_tokens WHERE token = $1"};
inline constexpr db::Sql insert_checkout{
    "INSERT INTO checkouts (merchant_id, mode, payment_id, token, answers, redirect_url, receipts_sent) "
    "VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT DO NOTHING"};
inline constexpr db::Sql select_checkout{
    "SELECT token, answers, redirect_url FROM checkouts WHERE merchant_id = $1 AND mode = $2 AND payment_id = $3"};
inline constexpr db::Sql select_attempts{
    "SELECT number, rail, status, rail_reference, redirect_url, failure, polls, poll_at, created_at, method, "
    "wallet_number, wallet_network FROM attempts WHERE merchant_id = $1 AND payment_id = $2 ORDER BY number"};
inline constexpr db::Sql update_choice{
    "UPDATE payments SET method = $4, wallet_number = $5, wallet_network = $6, updated_at = $7 "
    "WHERE merchant_id = $1 AND mode = $2 AND id = $3 AND status = 1"};
// Only a payment that has no open attempt gets one.
inline constexpr db::Sql update_begun{
    "UPDATE payments SET status = 2, method = $4, wallet_number = $5, wallet_network = $6, expires_at = $7, "
    "updated_at = $8, fee_minor = $9, fee_bearer = $10 WHERE merchant_id = $1 AND mode = $2 AND id = $3 AND status = "
    "1"};
inline constexpr db::Sql update_reopened{
    "UPDATE payments SET status = 1, expires_at = checkout_until, updated_at = $4 "
    "WHERE merchant_id = $1 AND mode = $2 AND id = $3 AND status = 2"};
// The literal makes the partial index fit.
inline constexpr db::Sql select_expired_checkouts{
    "SELECT id, kind, status, late, reference, customer_id, method, wallet_number, wallet_network, amount_minor, "
    "fee_minor, currency, description, created_at, updated_at, expires_at, events, last_event_id, page_id, "
    "checkout_until, refund_of, refunded_minor, refund_way, payee_name, fee_bearer, merchant_id, mode FROM payments "
    "WHERE status = 1 AND expires_at <= $1 ORDER BY expires_at LIMIT $2"};
inline constexpr db::Sql count_receipt{
    "UPDATE checkouts SET receipts_sent = receipts_sent + 1 "
    "WHERE merchant_id = $1 AND mode = $2 AND payment_id = $3 AND receipts_sent < $4"};

}  // namespace epay::payments::store
