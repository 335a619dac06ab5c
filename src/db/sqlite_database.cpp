#include "db/sqlite_database.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "db/batch_runner.h"
#include "db/durable_files.h"
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
  if (options.shared) (*writer)->reserve_ids_singly();
  auto reader = SqliteConnection::open(options.path, Access::read_only, options.lock_wait_max);
  if (!reader) return std::unexpected(reader.error());
  return std::unique_ptr<SqliteDatabase>(
      new SqliteDatabase(clock, log, options, *std::move(writer), *std::move(reader)));
}

SqliteDatabase::SqliteDatabase(Clock& clock, Log& log, const SqliteOptions& options,
                               std::unique_ptr<SqliteConnection> writer, std::unique_ptr<SqliteConnection> reader)
    : path_(options.path),
      shared_(options.shared),
      writes_(std::make_unique<Side>(clock, log, options, std::move(writer))),
      reads_(std::make_unique<Side>(clock, log, options, std::move(reader))) {}

SqliteDatabase::~SqliteDatabase() = default;

void SqliteDatabase::submit_write(Job& job) { writes_->queue.submit(job); }
void SqliteDatabase::submit_read(Job& job) { reads_->queue.submit(job); }

StoreFigures SqliteDatabase::figures() const {
  StoreFigures figures{.writes = writes_->queue.figures(), .reads = reads_->queue.figures()};
  std::error_code none;
  StoreFigures::Files files{.bytes = std::filesystem::file_size(path_, none)};
  if (none) return figures;
  // A log that was taken into the file is none.
  const auto log_bytes = std::filesystem::file_size(path_ + "-wal", none);
  files.log_bytes = none ? 0 : log_bytes;
  files.disk_free_bytes = std::filesystem::space(path_, none).available;
  figures.files = files;
  return figures;
}

void SqliteDatabase::set_process(ProcessId process) {
  for (const auto& side : {&writes_, &reads_}) (*side)->connection->set_process(process);
}

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
  // Whoever finds the file must find it whole, so it gets its name at the end.
  const std::string part = to + ".part";
  static constexpr Sql vacuum_into{"VACUUM INTO $1"};
  if (::access(to.c_str(), F_OK) == 0) return fail(ErrorCode::unavailable, to + " exists already");
  ::unlink(part.c_str());
  try {
    (*source)->execute_text("PRAGMA query_only = OFF");
    (*source)->execute(vacuum_into, part);
  } catch (const StoreFailure& failure) {
    ::unlink(part.c_str());
    return fail(ErrorCode::unavailable, "cannot copy the database to " + to + ": " + failure.what());
  }
  // SQLite leaves the copy to the operating system's leisure. Nothing else in this process has the new file open.
  return give_private_name(part, to);
}

}  // namespace epay::db
