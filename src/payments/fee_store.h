#pragma once

#include "db/database.h"

namespace epay::payments::store {

// The rail's own rule, then the one for all rails.
inline constexpr db::Sql select_fee{
    "SELECT m.fee_basis_points, f.basis_points, f.fixed_minor, f.least_minor, f.most_minor, f.bearer, "
    "g.basis_points, g.fixed_minor, g.least_minor, g.most_minor, g.bearer FROM merchants m "
    "LEFT JOIN fee_rules f ON f.merchant_id = $1 AND f.kind = $2 AND f.currency = $3 AND f.rail = $4 "
    "LEFT JOIN fee_rules g ON g.merchant_id = $1 AND g.kind = $2 AND g.currency = $3 AND g.rail = 0 WHERE m.id = $1"};
inline constexpr db::Sql upsert_fee_rule{
    "INSERT INTO fee_rules (merchant_id, kind, currency, rail, basis_points, fixed_minor, least_minor, most_minor, "
    "bearer, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
    "ON CONFLICT (merchant_id, kind, currency, rail) DO UPDATE SET basis_points = excluded.basis_points, "
    "fixed_minor = excluded.fixed_minor, least_minor = excluded.least_minor, most_minor = excluded.most_minor, "
    "bearer = excluded.bearer, updated_at = excluded.updated_at"};
inline constexpr db::Sql delete_fee_rule{
    "DELETE FROM fee_rules WHERE merchant_id = $1 AND kind = $2 AND currency = $3 AND rail = $4"};
inline constexpr db::Sql select_fee_rules{
    "SELECT kind, currency, rail, basis_points, fixed_minor, least_minor, most_minor, bearer FROM fee_rules "
    "WHERE merchant_id = $1 ORDER BY kind, currency, rail"};
inline constexpr db::Sql select_merchant_of_fee{"SELECT 1 FROM merchants WHERE id = $1"};
inline constexpr db::Sql update_default_fee{"UPDATE merchants SET fee_basis_points = $2 WHERE id = $1"};

}  // namespace epay::payments::store
