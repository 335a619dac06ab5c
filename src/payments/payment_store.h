#pragma once

#include "db/database.h"

namespace epay::payments::store {

// The index is asked for ids alone: SQLite believes that the key's first two columns find a row as well as three of an
// index do, and would walk through all customers of the merchant.
inline constexpr db::Sql select_customer_by_identity{
    "SELECT id, name, email, telephone, created_at, updated_at, last_payment_id FROM customers "
    "WHERE merchant_id = $1 AND mode = $2 AND email = $4 AND telephone = $5 AND id IN "
    "(SELECT id FROM customers WHERE merchant_id = $1 AND mode = $2 AND identity = $3)"};
inline constexpr db::Sql insert_customer{
    "INSERT INTO customers (merchant_id, mode, id, identity, name, email, telephone, created_at, updated_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)"};
inline constexpr db::Sql update_customer_name{
    "UPDATE customers SET name = $4, updated_at = $5 WHERE merchant_id = $1 AND mode = $2 AND id = $3"};
inline constexpr db::Sql count_customer{
    "UPDATE totals SET customers = customers + 1 WHERE merchant_id = $1 AND mode = $2"};
inline constexpr db::Sql select_customer{
    "SELECT id, name, email, telephone, created_at, updated_at, last_payment_id FROM customers "
    "WHERE merchant_id = $1 AND mode = $2 AND id = $3"};
inline constexpr db::Sql select_customers{
    "SELECT id, name, email, telephone, created_at, updated_at, last_payment_id FROM customers "
    "WHERE merchant_id = $1 AND mode = $2 ORDER BY id DESC LIMIT $3 OFFSET $4"};
inline constexpr db::Sql update_customer_last_payment{
    "UPDATE customers SET last_payment_id = $4 WHERE merchant_id = $1 AND mode = $2 AND id = $3"};
inline constexpr db::Sql select_totals{"SELECT customers, payments FROM totals WHERE merchant_id = $1 AND mode = $2"};

inline constexpr db::Sql select_reference{"SELECT 1 FROM payments WHERE merchant_id = $1 AND reference = $2"};
inline constexpr db::Sql insert_payment{
    "INSERT INTO payments (merchant_id, mode, id, kind, status, late, reference, customer_id, method, wallet_number, "
    "wallet_network, amount_minor, fee_minor, currency, description, created_at, updated_at, expires_at, "
    "customer_previous_id, page_id, checkout_until, payee_name, fee_bearer) "
    "VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16, $17, $18, $19, $20, $21)"};
inline constexpr db::Sql count_payment{
    "UPDATE totals SET payments = payments + 1 WHERE merchant_id = $1 AND mode = $2"};
inline constexpr db::Sql select_payment_by_reference{
    "SELECT id, kind, status, late, reference, customer_id, method, wallet_number, wallet_network, amount_minor, "
    "fee_minor, currency, description, created_at, updated_at, expires_at, events, last_event_id, page_id, "
    "checkout_until, refund_of, refunded_minor, refund_way, payee_name, fee_bearer "
    "FROM payments "
    "WHERE merchant_id = $1 AND reference = $2 AND mode = $3"};
inline constexpr db::Sql select_payment{
    "SELECT id, kind, status, late, reference, customer_id, method, wallet_number, wallet_network, amount_minor, "
    "fee_minor, currency, description, created_at, updated_at, expires_at, events, last_event_id, page_id, "
    "checkout_until, refund_of, refunded_minor, refund_way, payee_name, fee_bearer FROM payments "
    "WHERE merchant_id = $1 AND mode = $2 AND id = $3"};
inline constexpr db::Sql select_payments{
    "SELECT id, kind, status, late, reference, customer_id, method, wallet_number, wallet_network, amount_minor, "
    "fee_minor, currency, description, created_at, updated_at, expires_at, events, last_event_id, page_id, "
    "checkout_until, refund_of, refunded_minor, refund_way, payee_name, fee_bearer "
    "FROM payments "
    "WHERE merchant_id = $1 AND mode = $2 ORDER BY id DESC LIMIT $3 OFFSET $4"};
inline constexpr db::Sql select_payment_of_customer{
    "SELECT id, kind, status, late, reference, customer_id, method, wallet_number, wallet_network, amount_minor, "
    "fee_minor, currency, description, created_at, updated_at, expires_at, events, last_event_id, page_id, "
    "checkout_until, refund_of, refunded_minor, refund_way, payee_name, fee_bearer, "
    "customer_previous_id "
    "FROM payments "
    "WHERE merchant_id = $1 AND mode = $2 AND id = $3"};
// A status changes only from the one that was read.
inline constexpr db::Sql update_payment_status{
    "UPDATE payments SET status = $5, late = $6, updated_at = $7, events = $8, last_event_id = $9 "
    "WHERE merchant_id = $1 AND mode = $2 AND id = $3 AND status = $4"};

inline constexpr db::Sql count_payment_day{
    "INSERT INTO payment_days (merchant_id, mode, day, kind, currency, method, succeeded, succeeded_minor, fees_minor, "
    "failed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
    "ON CONFLICT (merchant_id, mode, day, kind, currency, method) DO UPDATE SET "
    "succeeded = payment_days.succeeded + excluded.succeeded, "
    "succeeded_minor = payment_days.succeeded_minor + excluded.succeeded_minor, "
    "fees_minor = payment_days.fees_minor + excluded.fees_minor, failed = payment_days.failed + excluded.failed"};
inline constexpr db::Sql select_payment_days{
    "SELECT mode, day, kind, currency, method, succeeded, succeeded_minor, fees_minor, failed FROM payment_days "
    "WHERE merchant_id = $1 ORDER BY mode, day, kind, currency, method"};
inline constexpr db::Sql insert_search_change{
    "INSERT INTO search_changes (merchant_id, mode, subject, id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"};

inline constexpr db::Sql update_payment_events{
    "UPDATE payments SET events = $4, last_event_id = $5 WHERE merchant_id = $1 AND mode = $2 AND id = $3"};

inline constexpr db::Sql select_reference_of{
    "SELECT reference FROM payments WHERE merchant_id = $1 AND mode = $2 AND id = $3"};
// The event before this one among those of its payment.
inline constexpr db::Sql select_event_before{"SELECT previous_id FROM events WHERE merchant_id = $1 AND id = $2"};

inline constexpr db::Sql insert_attempt{
    "INSERT INTO attempts (merchant_id, payment_id, number, mode, rail, status, polls, poll_at, created_at, "
    "updated_at, method, wallet_number, wallet_network, owner) "
    "VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $8, $9, $10, $11, $12)"};
inline constexpr db::Sql update_attempt{
    "UPDATE attempts SET status = $5, rail_reference = $6, redirect_url = $7, failure = $8, polls = $9, poll_at = $10, "
    "updated_at = $11, asking = 0 WHERE merchant_id = $1 AND payment_id = $2 AND number = $3 AND status = $4"};
inline constexpr db::Sql doubt_attempt{
    "UPDATE attempts SET poll_at = $5, owner = $6 "
    "WHERE merchant_id = $1 AND payment_id = $2 AND number = $3 AND status = $4"};
inline constexpr db::Sql select_asking{
    "SELECT asking FROM attempts WHERE merchant_id = $1 AND payment_id = $2 AND number = $3"};
inline constexpr db::Sql update_asking{
    "UPDATE attempts SET asking = $5 WHERE merchant_id = $1 AND payment_id = $2 AND number = $3 AND asking = $4"};
inline constexpr db::Sql select_last_attempt{
    "SELECT number, rail, status, rail_reference, redirect_url, failure, polls, poll_at, created_at, method, "
    "wallet_number, wallet_network FROM attempts "
    "WHERE merchant_id = $1 AND payment_id = $2 ORDER BY number DESC LIMIT 1"};
inline constexpr db::Sql select_open_attempt{
    "SELECT p.id, p.kind, p.status, p.late, p.reference, p.customer_id, p.method, p.wallet_number, p.wallet_network, "
    "p.amount_minor, p.fee_minor, p.currency, p.description, p.created_at, p.updated_at, p.expires_at, "
    "p.events, p.last_event_id, p.page_id, p.checkout_until, p.refund_of, p.refunded_minor, p.refund_way, "
    "p.payee_name, p.fee_bearer, "
    "a.number, a.rail, a.status, a.rail_reference, a.redirect_url, a.failure, a.polls, a.poll_at, a.created_at, "
    "a.method, a.wallet_number, a.wallet_network "
    "FROM attempts a JOIN payments p ON p.merchant_id = a.merchant_id AND p.mode = a.mode AND p.id = a.payment_id "
    "WHERE a.merchant_id = $1 AND a.payment_id = $2 AND a.number = $3 AND a.mode = $4"};
inline constexpr db::Sql select_due_attempts{
    "SELECT p.id, p.kind, p.status, p.late, p.reference, p.customer_id, p.method, p.wallet_number, p.wallet_network, "
    "p.amount_minor, p.fee_minor, p.currency, p.description, p.created_at, p.updated_at, p.expires_at, "
    "p.events, p.last_event_id, p.page_id, p.checkout_until, p.refund_of, p.refunded_minor, p.refund_way, "
    "p.payee_name, p.fee_bearer, "
    "a.number, a.rail, a.status, a.rail_reference, a.redirect_url, a.failure, a.polls, a.poll_at, a.created_at, "
    "a.method, a.wallet_number, a.wallet_network, a.merchant_id, a.mode "
    "FROM attempts a JOIN payments p ON p.merchant_id = a.merchant_id AND p.mode = a.mode AND p.id = a.payment_id "
    "WHERE a.owner = $1 AND a.poll_at <= $2 ORDER BY a.poll_at LIMIT $3"};
inline constexpr db::Sql select_next_poll{
    "SELECT poll_at FROM attempts WHERE owner = $1 AND poll_at IS NOT NULL ORDER BY poll_at LIMIT 1"};
inline constexpr db::Sql select_next_poll_owner{
    "SELECT owner FROM attempts WHERE poll_at IS NOT NULL AND owner > $1 ORDER BY owner LIMIT 1"};
inline constexpr db::Sql select_nth_poll{
    "SELECT poll_at FROM attempts WHERE owner = $1 AND poll_at IS NOT NULL ORDER BY poll_at LIMIT 1 OFFSET $2"};
inline constexpr db::Sql count_polled_attempts{"SELECT count(*) FROM attempts WHERE poll_at IS NOT NULL"};
inline constexpr db::Sql claim_polls{"UPDATE attempts SET owner = $2 WHERE owner = $1 AND poll_at <= $3"};

inline constexpr db::Sql insert_key{
    "INSERT INTO idempotency_keys (merchant_id, idempotency_key, fingerprint, created_at, owner) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"};
inline constexpr db::Sql select_key{
    "SELECT fingerprint, status, body, created_at, owner FROM idempotency_keys "
    "WHERE merchant_id = $1 AND idempotency_key = $2"};
inline constexpr db::Sql update_key_owner{
    "UPDATE idempotency_keys SET owner = $3 WHERE merchant_id = $1 AND idempotency_key = $2 AND status IS NULL"};
inline constexpr db::Sql update_key_answer{
    "UPDATE idempotency_keys SET status = $3, body = $4 "
    "WHERE merchant_id = $1 AND idempotency_key = $2 AND status IS NULL"};
// One by one: for a list of keys of two columns SQLite walks through all that the merchant has.
inline constexpr db::Sql select_old_keys{
    "SELECT merchant_id, idempotency_key FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2"};
inline constexpr db::Sql delete_key{"DELETE FROM idempotency_keys WHERE merchant_id = $1 AND idempotency_key = $2"};

}  // namespace epay::payments::store
