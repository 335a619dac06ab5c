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
  // Called now and then: of which table how many rows have arrived by now.
  std::function<void(const std::string& table, std::int64_t rows)> progress;
};

struct Moved {
  std::int64_t tables = 0;
  std::int64_t rows = 0;         // there now
  std::int64_t rows_before = 0;  // of these, by an earlier attempt
};

// Afterwards every table has as many rows here as there, new ids follow the old ones, and the file can no longer be
// served. Errors: conflict (the target has accounts that did not come from here, or the file was moved before),
// unavailable.
Result<Moved> move(const MoveOptions& options);

}  // namespace epay::db
