// Runs queued bodies together in one transaction of one connection, so that each either stands or has left no trace.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "base/log.h"
#include "db/database.h"
#include "db/sqlite_connection.h"

namespace epay::db {

class SqliteBatchRunner {
 public:
  // `fatal` is called when a commit left the file's state unknown, and must not return.
  SqliteBatchRunner(SqliteConnection& connection, Log& log, std::function<void(const std::string& why)> fatal)
      : connection_(connection), log_(log), fatal_(std::move(fatal)) {}

  // Afterwards every job has its answer, and the answers that are not errors are durable.
  void run(std::span<Job* const> jobs);

 private:
  enum class Again { may, never };
  bool begin(std::span<Job* const> jobs);
  bool stands(Job& job, Again again);
  void run_one_by_one(std::span<Job* const> jobs);
  void commit(std::span<Job* const> jobs);
  void fail_all(std::span<Job* const> jobs, std::string_view doing, std::string_view why);

  SqliteConnection& connection_;
  Log& log_;
  std::function<void(const std::string& why)> fatal_;
};

}  // namespace epay::db
