// The store behind an address: sqlite:PATH or postgresql://….
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "db/database.h"
#include "db/job_queue.h"
#include "db/postgres_session.h"
#include "runtime/clock.h"

namespace epay::db {

struct OpenOptions {
  Threading threading = Threading::own_threads;
  // How long a transaction waits for another process that is writing to the same SQLite file.
  milliseconds lock_wait_max = seconds(5);
  // How long a PostgreSQL server may take to answer a statement.
  milliseconds answer_wait_max = PostgresOptions().answer_wait_max;
};

// Whether several processes may serve it at once.
bool is_shared(const std::string& address);
// The file behind "sqlite:PATH"; nothing for others.
std::optional<std::string> sqlite_file(const std::string& address);

// For logs: without who signs in, and how.
std::string shown_address(const std::string& address);

// Whether a query's first row says so (a number that is not 0). Makes nothing, changes nothing. True when the store is
// there and cannot tell; false where no store is.
bool asks_true(const std::string& address, const Sql& sql);

// The last step of the schema that is there; nothing where no store is, or none that can be read.
std::optional<std::int64_t> schema_version(const std::string& address);

// Brings its schema up to date. Errors: invalid (the address), unavailable.
Result<std::unique_ptr<Database>> open(Clock& clock, Log& log, const std::string& address, OpenOptions options);

}  // namespace epay::db
