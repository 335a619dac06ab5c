#include "db/postgres_database.h"

#include "base/check.h"
#include "db/batch_runner.h"
#include "db/postgres_connection.h"
#include "db/postgres_notices.h"
#include "db/postgres_schema.h"
#include "db/postgres_writers.h"

namespace epay::db {
namespace {

using Access = PostgresConnection::Access;

struct Runner {
  Runner(const PostgresOptions& options, Access access, Log& log)
      : connection(options, access), batches(connection, log, [&log](const std::string& why) {
          log.error("store_state_unknown", {{"error", why}, {"action", "what was asked for may have happened"}});
        }) {}
  PostgresConnection connection;
  BatchRunner batches;
};

}  // namespace

struct PostgresDatabase::Parts {
  Parts(Clock& clock, Log& log, PostgresStoreOptions o) : options(std::move(o)) {
    if (options.threading == Threading::inline_steps) options.writers = 1;
    std::vector<PostgresWriters::RunBatch> runs;
    for (int i = 0; i < options.writers; ++i) runs.push_back(add_runner(Access::read_write, log));
    if (options.threading == Threading::inline_steps) {
      write_steps = std::make_unique<JobQueue>(clock, options.threading, batch_max, runs.front());
      read_steps = std::make_unique<JobQueue>(clock, options.threading, batch_max, add_runner(Access::read_only, log));
      return;
    }
    writers = std::make_unique<PostgresWriters>(clock, batch_max, std::move(runs));
    runs.clear();
    for (int i = 0; i < options.readers; ++i) runs.push_back(add_runner(Access::read_only, log));
    readers = std::make_unique<PostgresWriters>(clock, batch_max / options.readers, std::move(runs));
  }

  JobQueue::RunBatch add_runner(Access access, Log& log) {
    runners.push_back(std::make_unique<Runner>(options.server, access, log));
    return [runner = runners.back().get()](std::span<Job* const> jobs) { runner->batches.run(jobs); };
  }

  PostgresStoreOptions options;
  std::vector<std::unique_ptr<Runner>> runners;
  std::unique_ptr<PostgresWriters> writers, readers;
  std::unique_ptr<JobQueue> write_steps, read_steps;
  std::unique_ptr<PostgresNotices> notices;
};

Result<std::unique_ptr<PostgresDatabase>> PostgresDatabase::open(Clock& clock, Log& log, PostgresStoreOptions options) {
  if (const auto migrated = migrate(options.server, options.migrations, clock.now()); !migrated) {
    return std::unexpected(migrated.error());
  }
  if (const auto whole = check_whole(options.server); !whole) return std::unexpected(whole.error());
  std::unique_ptr<PostgresDatabase> database(
      new PostgresDatabase(std::make_unique<Parts>(clock, log, std::move(options))));
  Parts& parts = *database->parts_;
  if (!database->is_shared()) return database;
  parts.notices = std::make_unique<PostgresNotices>(
      clock, log, parts.options.server, [raw = database.get()](const Notice& notice) { raw->hear(notice); });
  return database;
}

PostgresDatabase::PostgresDatabase(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PostgresDatabase::~PostgresDatabase() = default;

StoreFigures PostgresDatabase::figures() const {
  if (parts_->write_steps) return {.writes = parts_->write_steps->figures(), .reads = parts_->read_steps->figures()};
  return {.writes = parts_->writers->figures(), .reads = parts_->readers->figures()};
}

void PostgresDatabase::drop_all() {
  EPAY_CHECK(parts_->write_steps);
  parts_->write_steps->drop_all();
  parts_->read_steps->drop_all();
}

bool PostgresDatabase::is_shared() const { return parts_->options.threading == Threading::own_threads; }

void PostgresDatabase::set_process(ProcessId process) {
  for (const auto& runner : parts_->runners) runner->connection.set_process(process);
}

void PostgresDatabase::announce(const Notice& notice) {
  if (parts_->notices) parts_->notices->announce(notice);
}

void PostgresDatabase::submit_write(Job& job) {
  if (parts_->write_steps) return parts_->write_steps->submit(job);
  parts_->writers->submit(job);
}

void PostgresDatabase::submit_read(Job& job) {
  if (parts_->write_steps) return parts_->read_steps->submit(job);
  parts_->readers->submit(job);
}

}  // namespace epay::db
