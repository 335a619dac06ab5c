#pragma once

#include "payments/payment_store.h"

namespace epay::payments::store {

inline constexpr db::Sql insert_refund{
    "INSERT INTO payments (merchant_id, mode, id, kind, status, late, reference, customer_id, method, wallet_number, "
    "wallet_network, amount_minor, fee_minor, currency, description, created_at, updated_at, expires_at, "
    "customer_previous_id, refund_of, refund_way) VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, $10, $11, $19, $12, "
    "$13, $14, $14, $15, $16, $17, $18)"};
inline constexpr db::Sql count_refund{
    "UPDATE totals SET payments = payments + 1, refunds = refunds + 1 WHERE merchant_id = $1 AND mode = $2"};
// No more than was paid, whoever refunds at once.
inline constexpr db::Sql reserve_refund{
    "UPDATE payments SET refunded_minor = refunded_minor + $4 WHERE merchant_id = $1 AND mode = $2 AND id = $3 AND "
    "status = 3 AND amount_minor - refunded_minor >= $4"};
inline constexpr db::Sql give_up_reserve{
    "UPDATE payments SET refunded_minor = refunded_minor - $4 WHERE merchant_id = $1 AND mode = $2 AND id = $3"};
inline constexpr db::Sql select_succeeded_attempt{
    "SELECT number, rail, status, rail_reference, redirect_url, failure, polls, poll_at, created_at, method, "
    "wallet_number, wallet_network FROM attempts WHERE merchant_id = $1 AND payment_id = $2 AND status = $3 ORDER BY "
    "number DESC LIMIT 1"};
inline constexpr db::Sql select_refund_total{"SELECT refunds FROM totals WHERE merchant_id = $1 AND mode = $2"};
inline constexpr db::Sql select_refund{
    "SELECT p.id, p.kind, p.status, p.late, p.reference, p.customer_id, p.method, p.wallet_number, p.wallet_network, "
    "p.amount_minor, p.fee_minor, p.currency, p.description, p.created_at, p.updated_at, p.expires_at, p.events, "
    "p.last_event_id, p.page_id, p.checkout_until, p.refund_of, p.refunded_minor, p.refund_way, p.payee_name, "
    "p.fee_bearer, o.reference FROM payments p JOIN payments o ON o.merchant_id = p.merchant_id AND o.mode = p.mode "
    "AND o.id = p.refund_of WHERE p.merchant_id = $1 AND p.reference = $2 AND p.mode = $3"};
inline constexpr db::Sql select_refunds{
    "SELECT p.id, p.kind, p.status, p.late, p.reference, p.customer_id, p.method, p.wallet_number, p.wallet_network, "
    "p.amount_minor, p.fee_minor, p.currency, p.description, p.created_at, p.updated_at, p.expires_at, p.events, "
    "p.last_event_id, p.page_id, p.checkout_until, p.refund_of, p.refunded_minor, p.refund_way, p.payee_name, "
    "p.fee_bearer, o.reference FROM payments p JOIN payments o ON o.merchant_id = p.merchant_id AND o.mode = p.mode "
    "AND o.id = p.refund_of WHERE p.merchant_id = $1 AND p.mode = $2 AND p.refund_of IS NOT NULL ORDER BY p.id DESC "
    "LIMIT $3 OFFSET $4"};
inline constexpr db::Sql select_refunds_of{
    "SELECT p.id, p.kind, p.status, p.late, p.reference, p.customer_id, p.method, p.wallet_number, p.wallet_network, "
    "p.amount_minor, p.fee_minor, p.currency, p.description, p.created_at, p.updated_at, p.expires_at, p.events, "
    "p.last_event_id, p.page_id, p.checkout_until, p.refund_of, p.refunded_minor, p.refund_way, p.payee_name, "
    "p.fee_bearer, o.reference FROM payments p JOIN payments o ON o.merchant_id = p.merchant_id AND o.mode = p.mode "
    "AND o.id = p.refund_of WHERE p.merchant_id = $1 AND p.mode = $2 AND p.refund_of = $3 ORDER BY p.id LIMIT $4"};

}  // namespace epay::payments::store
