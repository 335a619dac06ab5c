#pragma once

#include "db/database.h"

namespace epay::merchants::store {

inline constexpr db::Sql insert_security_event{
    "INSERT INTO security_events (merchant_id, id, kind, user_id, user_name, detail, device, address, created_at) "
    "SELECT $1, coalesce(max(id), 0) + 1, $2, $3, $4, $5, $6, $7, $8 FROM security_events WHERE merchant_id = $1"};
inline constexpr db::Sql select_security_events{
    "SELECT id, kind, user_name, detail, device, address, created_at FROM security_events "
    "WHERE merchant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"};
inline constexpr db::Sql select_login{
    "SELECT 1 FROM security_events WHERE merchant_id = $1 AND user_id = $2 AND kind IN (1, 2, 15) LIMIT 1"};

}  // namespace epay::merchants::store
