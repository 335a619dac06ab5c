// Spreads a PostgreSQL store over several machines by the Citus extension: merchants' rows by merchant, what is small
// and read everywhere as a copy on each machine, and the rest on the coordinator, which all processes connect to.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "db/postgres_schema.h"

namespace epay::db {

struct Distributed {
  std::int64_t tables = 0;
  std::int64_t tables_before = 0;  // of these, by an earlier call
};

// The store has this binary's schema, and nobody serves it. Called for each table that is spread: `how` is for people.
// Goes on where it was interrupted. Errors: unavailable (no extension, processes that serve the store, the server),
// conflict (a table that has no place).
Result<Distributed> distribute(const PostgresOptions& options, Others others,
                               const std::function<void(std::string_view table, std::string_view how)>& progress);

}  // namespace epay::db
