#pragma once

#include "db/database.h"

namespace epay::lists::store {

inline constexpr db::Sql select_last_block{
    "SELECT last_id, rows_so_far, number FROM search_blocks WHERE merchant_id = $1 AND mode = $2 AND subject = $3 "
    "ORDER BY last_id DESC LIMIT 1"};
inline constexpr db::Sql insert_block{
    "INSERT INTO search_blocks (merchant_id, mode, subject, last_id, first_id, number, rows_so_far, states, words) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"};
inline constexpr db::Sql update_block_states{
    "UPDATE search_blocks SET states = $5 "
    "WHERE merchant_id = $1 AND mode = $2 AND subject = $3 AND last_id = $4"};
inline constexpr db::Sql update_block_words{
    "UPDATE search_blocks SET words = $5 "
    "WHERE merchant_id = $1 AND mode = $2 AND subject = $3 AND last_id = $4"};
// Those with rows from $4 on, the oldest first; and those with rows up to $4, the newest first.
inline constexpr db::Sql select_blocks_from{
    "SELECT first_id, last_id, states, number, words IS NULL FROM search_blocks "
    "WHERE merchant_id = $1 AND mode = $2 AND subject = $3 AND last_id >= $4 ORDER BY last_id LIMIT $5"};
inline constexpr db::Sql select_blocks_up_to{
    "SELECT first_id, last_id, states, number, words IS NULL FROM search_blocks "
    "WHERE merchant_id = $1 AND mode = $2 AND subject = $3 AND last_id <= $4 ORDER BY last_id DESC LIMIT $5"};
inline constexpr db::Sql select_block_words{
    "SELECT words FROM search_blocks WHERE merchant_id = $1 AND mode = $2 AND subject = $3 AND last_id = $4"};
inline constexpr db::Sql select_slice{
    "SELECT bits FROM search_slices WHERE merchant_id = $1 AND mode = $2 AND subject = $3 AND group_number = $4 AND "
    "slice = $5"};
inline constexpr db::Sql upsert_slice{
    "INSERT INTO search_slices (merchant_id, mode, subject, group_number, slice, bits) VALUES ($1, $2, $3, $4, $5, $6) "
    "ON CONFLICT (merchant_id, mode, subject, group_number, slice) DO UPDATE SET bits = excluded.bits"};

inline constexpr db::Sql select_totals_after{
    "SELECT merchant_id, mode, payments, customers FROM totals WHERE (merchant_id, mode) > ($1, $2) "
    "ORDER BY merchant_id, mode LIMIT $3"};
inline constexpr db::Sql select_changes{
    "SELECT merchant_id, mode, subject, id FROM search_changes ORDER BY merchant_id, mode, subject, id LIMIT $1"};
inline constexpr db::Sql delete_change{
    "DELETE FROM search_changes WHERE merchant_id = $1 AND mode = $2 AND subject = $3 AND id = $4"};

// What a run of payments is summed up of.
inline constexpr db::Sql select_payments_to_sum_up{
    "SELECT p.id, p.kind, p.status, p.method, p.created_at, p.page_id, p.reference, p.wallet_number, p.description, "
    "c.name, c.email, c.telephone FROM payments p "
    "LEFT JOIN customers c ON c.merchant_id = p.merchant_id AND c.mode = p.mode AND c.id = p.customer_id "
    "WHERE p.merchant_id = $1 AND p.mode = $2 AND p.id > $3 AND p.id <= $4 ORDER BY p.id LIMIT $5"};
inline constexpr db::Sql select_customers_to_sum_up{
    "SELECT id, created_at, name, email, telephone FROM customers "
    "WHERE merchant_id = $1 AND mode = $2 AND id > $3 AND id <= $4 ORDER BY id LIMIT $5"};
inline constexpr db::Sql select_last_payment_of_customer{
    "SELECT last_payment_id FROM customers WHERE merchant_id = $1 AND mode = $2 AND id = $3"};
inline constexpr db::Sql select_previous_payment{
    "SELECT customer_previous_id FROM payments WHERE merchant_id = $1 AND mode = $2 AND id = $3"};

}  // namespace epay::lists::store
