// The embedded store: one SQLite file in WAL mode, fully synced. One writer takes whatever is queued when its last
// commit returned and commits it together (group commit); one reader serves snapshots beside it.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/log.h"
#include "db/database.h"
#include "db/job_queue.h"
#include "db/migrations.h"
#include "runtime/clock.h"

namespace epay::db {

class SqliteConnection;

struct SqliteOptions {
  std::string path;  // a file, or a URI; "file:/name?vfs=memdb" lives in memory while any connection has it open
  Threading threading = Threading::own_threads;
  std::span<const Migration> migrations = embedded_migrations();
  // How long a transaction waits for another process that is writing (a command line verb, a backup).
  milliseconds lock_wait_max = seconds(5);
  // Whether several processes may serve it. Only where all of them run on one thread: tests.
  bool shared = false;
  // Called, on the writer's thread, when a commit failed in a way that leaves the file's state unknown. Must not
  // return; without one the process logs and aborts.
  std::function<void(const std::string& why)> on_unknown;
};

class SqliteDatabase final : public Database {
 public:
  // Opens or creates the file and brings its schema up to this binary's. Errors: unavailable, with the reason (not a
  // database, no right to it, written by a newer epay).
  static Result<std::unique_ptr<SqliteDatabase>> open(Clock& clock, Log& log, SqliteOptions options);
  // Finishes what is queued; its coroutines are posted to the clock.
  ~SqliteDatabase() override;

  // A copy of the whole store as it stands, while it is in use: durable, and under its name only when it is whole.
  // Error: unavailable.
  static Result<> backup(const std::string& from, const std::string& to);

  StoreFigures figures() const override;
  bool is_shared() const override { return shared_; }
  void set_process(ProcessId process) override;
  void drop_all() override;
  // For tests: the largest number of 4 KiB pages the file may have; beyond it the disk is full.
  void limit_pages(std::int64_t pages_max);

  // Bodies of one transaction.
  static constexpr std::size_t batch_max = 256;

 protected:
  void submit_write(Job& job) override;
  void submit_read(Job& job) override;

 private:
  struct Side;
  SqliteDatabase(Clock& clock, Log& log, const SqliteOptions& options, std::unique_ptr<SqliteConnection> writer,
                 std::unique_ptr<SqliteConnection> reader);

  std::string path_;
  bool shared_;
  std::unique_ptr<Side> writes_;
  std::unique_ptr<Side> reads_;
};

}  // namespace epay::db
