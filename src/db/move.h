// Brings a stopped SQLite store into an empty PostgreSQL one, table by table in the order of their keys. Interrupted
// anywhere, it goes on behind the last row that arrived.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "db/postgres_session.h"

namespace epay::db {

struct MoveOptions {
  std::string from;    // the SQLite file, which nobody serves
  PostgresOptions to;  // with a schema of this binary's
  Timestamp now;
  // Whether the target is as it should be, once everything is there.
  std::function<Result<>(Transaction& target)> check;
  // Called now and then: of which table how many rows have arrived by now.
  std::function<void(const std::string& table, std::int64_t rows)> progress;
};

struct Moved {
  std::int64_t tables = 0;
  std::int64_t rows = 0;         // there now
  std::int64_t rows_before = 0;  // of these, by an earlier attempt
};

// Afterwards every table has as many rows here as there, and new ids follow the old ones. Nobody can serve the target
// before end_move(), so that the file can be put aside in between: there is never a moment in which both could be
// served. Errors: conflict (the target has accounts that did not come from here, or everything was moved there before),
// unavailable, those of `check`.
Result<Moved> move(const MoveOptions& options);
Result<> end_move(const PostgresOptions& to, Timestamp now);

}  // namespace epay::db
