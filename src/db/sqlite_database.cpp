#include "db/sqlite_database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "db/batch_runner.h"
#include "db/sqlite_connection.h"

namespace epay::db {
namespace {

using Access = SqliteConnection::Access;

}  // namespace

// One connection with what waits for it.
struct SqliteDatabase::Side {
  Side(Clock& clock, Log& log, const SqliteOptions& options, std::unique_ptr<SqliteConnection> opened)
      : connection(std::move(opened)),
        runner(*connection, log, options.on_unknown),
        queue(clock, options.threading, batch_max, [this](std::span<Job* const> jobs) { runner.run(jobs); }) {}

  std::unique_ptr<SqliteConnection> connection;
  BatchRunner runner;
  JobQueue queue;
};

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(Clock& clock, Log& log, SqliteOptions options) {
  // To go on would be to guess what the file holds. A new process reads it as it is.
  if (!options.on_unknown) {
    options.on_unknown = [&log](const std::string& why) {
      log.error("store_state_unknown", {{"error", why}, {"action", "the process ends; start it again"}});
      std::abort();
    };
  }
  auto writer = SqliteConnection::open(options.path, Access::read_write, options.lock_wait_max);
  if (!writer) return std::unexpected(writer.error());
  if (const auto migrated = (*writer)->migrate(options.migrations, clock.now()); !migrated) {
    return std::unexpected(migrated.error());
  }
  auto reader = SqliteConnection::open(options.path, Access::read_only, options.lock_wait_max);
  if (!reader) return std::unexpected(reader.error());
  return std::unique_ptr<SqliteDatabase>(
      new SqliteDatabase(clock, log, options, *std::move(writer), *std::move(reader)));
}

SqliteDatabase::SqliteDatabase(Clock& clock, Log& log, const SqliteOptions& options,
                               std::unique_ptr<SqliteConnection> writer, std::unique_ptr<SqliteConnection> reader)
    : writes_(std::make_unique<Side>(clock, log, options, std::move(writer))),
      reads_(std::make_unique<Side>(clock, log, options, std::move(reader))) {}

SqliteDatabase::~SqliteDatabase() = default;

void SqliteDatabase::submit_write(Job& job) { writes_->queue.submit(job); }
void SqliteDatabase::submit_read(Job& job) { reads_->queue.submit(job); }

void SqliteDatabase::drop_all() {
  writes_->queue.drop_all();
  reads_->queue.drop_all();
}

void SqliteDatabase::limit_pages(std::int64_t pages_max) {
  writes_->connection->execute_text("PRAGMA max_page_count = " + std::to_string(pages_max));
}

Result<> SqliteDatabase::backup(const std::string& from, const std::string& to) {
  auto source = SqliteConnection::open(from, Access::read_only, SqliteOptions().lock_wait_max);
  if (!source) return std::unexpected(source.error());
  static constexpr Sql vacuum_into{"VACUUM INTO $1"};
  try {
    (*source)->execute_text("PRAGMA query_only = OFF");
    (*source)->execute(vacuum_into, to);
  } catch (const StoreFailure& failure) {
    return fail(ErrorCode::unavailable, "cannot copy the database to " + to + ": " + failure.what());
  }
  // SQLite leaves the copy to the operating system's leisure. Nothing else in this process has the new file open.
  const int copy = ::open(to.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = copy >= 0 && ::fchmod(copy, S_IRUSR | S_IWUSR) == 0 && ::fsync(copy) == 0;
  if (copy >= 0) ::close(copy);
  if (!synced) return fail(ErrorCode::unavailable, "cannot make the copy " + to + " durable");
  return {};
}

}  // namespace epay::db
