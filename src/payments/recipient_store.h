#pragma once

#include "db/database.h"

namespace epay::payments::store {

inline constexpr db::Sql insert_recipient{
    "INSERT INTO recipients (merchant_id, mode, id, name, method, number, network, holder_name, holder_check, "
    "checked_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)"};
inline constexpr db::Sql update_recipient{
    "UPDATE recipients SET name = $4, holder_name = $5, holder_check = $6, checked_at = $7 "
    "WHERE merchant_id = $1 AND mode = $2 AND id = $3"};
inline constexpr db::Sql select_recipient{
    "SELECT id, name, method, number, network, holder_name, holder_check, checked_at, created_at FROM recipients "
    "WHERE merchant_id = $1 AND mode = $2 AND id = $3"};
inline constexpr db::Sql select_recipient_of_account{
    "SELECT id, name, method, number, network, holder_name, holder_check, checked_at, created_at FROM recipients "
    "WHERE merchant_id = $1 AND mode = $2 AND method = $3 AND network = $4 AND number = $5"};
inline constexpr db::Sql select_recipients{
    "SELECT id, name, method, number, network, holder_name, holder_check, checked_at, created_at FROM recipients "
    "WHERE merchant_id = $1 AND mode = $2 ORDER BY id DESC LIMIT $3 OFFSET $4"};
inline constexpr db::Sql delete_recipient{"DELETE FROM recipients WHERE merchant_id = $1 AND mode = $2 AND id = $3"};
inline constexpr db::Sql select_recipient_total{"SELECT recipients FROM totals WHERE merchant_id = $1 AND mode = $2"};
inline constexpr db::Sql count_recipient{
    "UPDATE totals SET recipients = recipients + $3 WHERE merchant_id = $1 AND mode = $2"};

}  // namespace epay::payments::store
