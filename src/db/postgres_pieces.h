// Tables whose rows PostgreSQL keeps in pieces of time. Old rows are dropped with their piece: no row is looked at, no
// index left with holes.
#pragma once

#include "base/timestamp.h"
#include "db/postgres_session.h"

namespace epay::db {

inline constexpr hours piece_length{7 * 24};
// So many are there beyond the one that is being written to. Should nobody make more for longer than that, rows go
// where those of odd times go, and into their piece once it is made; a row that is being written at that moment is
// refused once.
inline constexpr int pieces_ahead = 4;
// For how long all wait that want the table while a statement under way keeps a piece from being made or dropped.
inline constexpr milliseconds piece_wait_max{1'000};

// Makes the pieces of `now` and of the time to come, and drops those that ended before `before`. In a transaction of
// the caller's; several processes may do so at once. Throws StoreFailure, also when it had to wait for too long.
void keep_pieces(PostgresSession& session, TimedTable table, Timestamp before, Timestamp now);

}  // namespace epay::db
