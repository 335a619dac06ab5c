#pragma once

#include "db/database.h"

namespace epay::rails::simulator::store {

inline constexpr db::Sql insert_order{
    "INSERT INTO simulator_orders (reference, kind, wallet_number, amount_minor, currency, status, failure, "
    "return_url, "
    "decides_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8, $9) ON CONFLICT DO NOTHING"};
inline constexpr db::Sql select_order{
    "SELECT reference, kind, wallet_number, amount_minor, currency, status, failure, decides_at FROM simulator_orders "
    "WHERE reference = $1"};
inline constexpr db::Sql select_deciding{
    "SELECT reference, decides_at FROM simulator_orders WHERE decides_at IS NOT NULL ORDER BY decides_at"};
// Only an open order can be decided: the first decision stands.
inline constexpr db::Sql decide_order{
    "UPDATE simulator_orders SET status = $2, failure = $3, decides_at = NULL WHERE reference = $1 AND status < 3"};
inline constexpr db::Sql start_deciding{
    "UPDATE simulator_orders SET status = 2, decides_at = $2 WHERE reference = $1 AND status = 1"};

}  // namespace epay::rails::simulator::store
