#pragma once

#include "db/database.h"

namespace epay::reconciliation::store {

inline constexpr db::Sql select_last_statement{"SELECT coalesce(max(id), 0) FROM statements"};
inline constexpr db::Sql insert_statement{
    "INSERT INTO statements (id, rail, mode, name, content_hash, since, until, imported_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
inline constexpr db::Sql select_statement_of_content{
    "SELECT id, rail, mode, name, since, until, imported_at, finished_at FROM statements "
    "WHERE content_hash = $1 AND rail = $2 AND mode = $3"};
inline constexpr db::Sql select_statement{
    "SELECT id, rail, mode, name, since, until, imported_at, finished_at FROM statements WHERE id = $1"};
inline constexpr db::Sql select_statements{
    "SELECT id, rail, mode, name, since, until, imported_at, finished_at FROM statements ORDER BY id DESC LIMIT $1"};
inline constexpr db::Sql finish_statement{"UPDATE statements SET finished_at = $2 WHERE id = $1"};

inline constexpr db::Sql select_whether_line{"SELECT 1 FROM statement_lines WHERE statement_id = $1 AND number = $2"};
inline constexpr db::Sql insert_line{
    "INSERT INTO statement_lines (statement_id, number, rail, mode, kind, reference, rail_reference, amount_minor, "
    "fee_minor, currency, succeeded, occurred_at, finding, merchant_id, payment_id, attempt, ours_minor, booked_at, "
    "suspended_minor, resolution, resolved_at, note) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)"};
inline constexpr db::Sql select_lines_of_reference{
    "SELECT statement_id, number, rail, mode, kind, reference, rail_reference, amount_minor, fee_minor, currency, "
    "succeeded, occurred_at, finding, merchant_id, payment_id, attempt, ours_minor, booked_at, suspended_minor, "
    "resolution, resolved_at, note FROM statement_lines WHERE reference = $1 AND reference <> ''"};
inline constexpr db::Sql select_line{
    "SELECT statement_id, number, rail, mode, kind, reference, rail_reference, amount_minor, fee_minor, currency, "
    "succeeded, occurred_at, finding, merchant_id, payment_id, attempt, ours_minor, booked_at, suspended_minor, "
    "resolution, resolved_at, note FROM statement_lines WHERE statement_id = $1 AND number = $2"};
inline constexpr db::Sql select_lines{
    "SELECT statement_id, number, rail, mode, kind, reference, rail_reference, amount_minor, fee_minor, currency, "
    "succeeded, occurred_at, finding, merchant_id, payment_id, attempt, ours_minor, booked_at, suspended_minor, "
    "resolution, resolved_at, note FROM statement_lines WHERE statement_id = $1 ORDER BY number"};
inline constexpr db::Sql select_open_lines{
    "SELECT statement_id, number, rail, mode, kind, reference, rail_reference, amount_minor, fee_minor, currency, "
    "succeeded, occurred_at, finding, merchant_id, payment_id, attempt, ours_minor, booked_at, suspended_minor, "
    "resolution, resolved_at, note FROM statement_lines WHERE resolution IS NULL AND statement_id > $1 "
    "ORDER BY statement_id, number LIMIT $2"};
inline constexpr db::Sql select_least_number{
    "SELECT coalesce(min(number), 0) FROM statement_lines WHERE statement_id = $1"};
inline constexpr db::Sql resolve_line{
    "UPDATE statement_lines SET resolution = $3, resolved_at = $4, note = $5 "
    "WHERE statement_id = $1 AND number = $2 AND resolution IS NULL"};
inline constexpr db::Sql select_merchants{"SELECT id FROM merchants ORDER BY id"};

}  // namespace epay::reconciliation::store
