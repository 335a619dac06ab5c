#pragma once

#include "db/database.h"

namespace epay::processes::store {

inline constexpr db::Sql insert_process{
    "INSERT INTO processes (id, name, started_at, beats, leads) VALUES ($1, $2, $3, 1, 0)"};
inline constexpr db::Sql delete_process{"DELETE FROM processes WHERE id = $1"};
inline constexpr db::Sql count_beat{"UPDATE processes SET beats = beats + 1 WHERE id = $1"};
// One that has beaten since it was looked at is alive.
inline constexpr db::Sql delete_silent_process{"DELETE FROM processes WHERE id = $1 AND beats = $2"};
inline constexpr db::Sql update_leader{"UPDATE processes SET leads = 1 WHERE id = $1"};
inline constexpr db::Sql select_processes{"SELECT id, name, started_at, beats, leads FROM processes ORDER BY id"};
inline constexpr db::Sql select_process{"SELECT 1 FROM processes WHERE id = $1"};

}  // namespace epay::processes::store
