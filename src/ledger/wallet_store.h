#pragma once

#include "db/database.h"

namespace epay::ledger::store {

inline constexpr db::Sql select_entries_down{
    "SELECT id, payment_id, reason, debit_code, credit_code, currency, amount_minor, created_at, available_after_minor "
    "FROM transfers WHERE merchant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"};
inline constexpr db::Sql select_entries_up{
    "SELECT id, payment_id, reason, debit_code, credit_code, currency, amount_minor, created_at, available_after_minor "
    "FROM transfers WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3"};
inline constexpr db::Sql select_entry_from{
    "SELECT id, created_at FROM transfers WHERE merchant_id = $1 AND id >= $2 ORDER BY id LIMIT 1"};
inline constexpr db::Sql select_last_entry{"SELECT id FROM transfers WHERE merchant_id = $1 ORDER BY id DESC LIMIT 1"};
inline constexpr db::Sql select_wallet_days{
    "SELECT day, entries, available_in_minor, available_out_minor, held_in_minor, held_out_minor FROM wallet_days "
    "WHERE merchant_id = $1 AND mode = $2 AND currency = $3 AND day >= $4 ORDER BY day"};
inline constexpr db::Sql select_wallet_day_up_to{
    "SELECT day FROM wallet_days WHERE merchant_id = $1 AND mode = $2 AND currency = $3 AND day <= $4 "
    "ORDER BY day DESC LIMIT 1"};
inline constexpr db::Sql select_first_wallet_day{
    "SELECT day FROM wallet_days WHERE merchant_id = $1 AND mode = $2 AND currency = $3 ORDER BY day LIMIT 1"};

}  // namespace epay::ledger::store
