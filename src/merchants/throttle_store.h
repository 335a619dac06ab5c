#pragma once

#include "db/database.h"

namespace epay::merchants::store {

inline constexpr db::Sql select_throttle{"SELECT used, free_at FROM throttles WHERE subject = $1 AND forget_at > $2"};
inline constexpr db::Sql upsert_throttle{
    "INSERT INTO throttles (subject, used, free_at, forget_at) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (subject) DO UPDATE SET used = excluded.used, free_at = excluded.free_at, forget_at = "
    "excluded.forget_at"};
inline constexpr db::Sql delete_throttle{"DELETE FROM throttles WHERE subject = $1"};
inline constexpr db::Sql update_throttle_back{"UPDATE throttles SET used = used - 1 WHERE subject = $1 AND used > 0"};
inline constexpr db::Sql delete_old_throttles{
    "DELETE FROM throttles WHERE subject IN (SELECT subject FROM throttles WHERE forget_at <= $1 ORDER BY forget_at "
    "LIMIT $2)"};

}  // namespace epay::merchants::store
