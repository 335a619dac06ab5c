#pragma once

#include "db/database.h"

namespace epay::payments::store {

inline constexpr db::Sql insert_bulk{
    "INSERT INTO bulk_payouts (merchant_id, mode, id, name, currency, status, lines, wrong, total_minor, sent, "
    "refused, "
    "created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0, 0, $7, $7)"};
inline constexpr db::Sql insert_bulk_line{
    "INSERT INTO bulk_payout_lines (merchant_id, bulk_id, number, reference, method, account_number, network, "
    "payee_name, amount_minor, description, problem) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};
inline constexpr db::Sql add_to_bulk{
    "UPDATE bulk_payouts SET lines = lines + $4, wrong = wrong + $5, total_minor = total_minor + $6 "
    "WHERE merchant_id = $1 AND mode = $2 AND id = $3"};
inline constexpr db::Sql select_bulk{
    "SELECT id, name, currency, status, lines, wrong, total_minor, sent, refused, stopped_because, created_at, "
    "updated_at FROM bulk_payouts WHERE merchant_id = $1 AND mode = $2 AND id = $3"};
inline constexpr db::Sql select_bulks{
    "SELECT id, name, currency, status, lines, wrong, total_minor, sent, refused, stopped_because, created_at, "
    "updated_at FROM bulk_payouts WHERE merchant_id = $1 AND mode = $2 ORDER BY id DESC LIMIT $3"};
inline constexpr db::Sql update_bulk_status{
    "UPDATE bulk_payouts SET status = $5, stopped_because = $6, updated_at = $7 "
    "WHERE merchant_id = $1 AND mode = $2 AND id = $3 AND status = $4"};
inline constexpr db::Sql select_bulk_lines{
    "SELECT l.number, l.reference, l.method, l.account_number, l.network, l.payee_name, l.amount_minor, l.description, "
    "l.problem, l.payment_id, l.failure, p.status FROM bulk_payout_lines l "
    "LEFT JOIN payments p ON p.merchant_id = l.merchant_id AND p.mode = $5 AND p.id = l.payment_id "
    "WHERE l.merchant_id = $1 AND l.bulk_id = $2 AND l.number >= $3 ORDER BY l.number LIMIT $4"};
// The words of the partial index.
inline constexpr db::Sql select_bulk_lines_left{
    "SELECT number, reference, method, account_number, network, payee_name, amount_minor, description, problem, "
    "payment_id, failure, NULL FROM bulk_payout_lines WHERE merchant_id = $1 AND bulk_id = $2 AND problem IS NULL AND "
    "payment_id IS NULL AND failure IS NULL ORDER BY number LIMIT $3"};
inline constexpr db::Sql record_bulk_line{
    "UPDATE bulk_payout_lines SET payment_id = $4, failure = $5 WHERE merchant_id = $1 AND bulk_id = $2 AND "
    "number = $3 AND payment_id IS NULL AND failure IS NULL"};
inline constexpr db::Sql count_bulk_line{
    "UPDATE bulk_payouts SET sent = sent + $4, refused = refused + $5, updated_at = $6 "
    "WHERE merchant_id = $1 AND mode = $2 AND id = $3"};
inline constexpr db::Sql select_running_bulks{
    "SELECT merchant_id, mode, id FROM bulk_payouts WHERE status = 3 ORDER BY merchant_id, mode, id LIMIT $1"};

}  // namespace epay::payments::store
