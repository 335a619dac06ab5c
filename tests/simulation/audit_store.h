#pragma once

#include "db/database.h"

namespace epay::simulation::store {

inline constexpr db::Sql select_rail_orders{
    "SELECT reference, status, wallet_number, amount_minor FROM simulator_orders ORDER BY reference"};
// What is still to come by itself: deliveries that wait, and attempts that will be asked about. Those that the rail
// never decides (numbers ending in 453) are asked about for days.
inline constexpr db::Sql count_waiting_deliveries{"SELECT count(*) FROM deliveries WHERE due_at IS NOT NULL"};
inline constexpr db::Sql count_open_attempts{
    "SELECT count(*) FROM attempts a JOIN payments p "
    "ON p.merchant_id = a.merchant_id AND p.mode = a.mode AND p.id = a.payment_id "
    "WHERE a.poll_at IS NOT NULL AND p.status = 2 AND NOT (p.kind = 2 AND p.wallet_number LIKE '0%0000453')"};
inline constexpr db::Sql count_deciding{"SELECT count(*) FROM simulator_orders WHERE decides_at IS NOT NULL"};

}  // namespace epay::simulation::store
