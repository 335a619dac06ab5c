// The store for several processes on several machines: PostgreSQL 15 or newer. Writers take what is queued and commit
// it together; each body's lane keeps it apart from those that it must not meet, in this process and in others.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/log.h"
#include "db/database.h"
#include "db/job_queue.h"
#include "db/migrations.h"
#include "db/postgres_session.h"
#include "runtime/clock.h"

namespace epay::db {

struct PostgresStoreOptions {
  PostgresOptions server;
  Threading threading = Threading::own_threads;
  std::span<const Migration> migrations = embedded_migrations();
  int writers = 2;  // connections and threads
  int readers = 2;
};

class PostgresDatabase final : public Database {
 public:
  // Brings the schema up to this binary's. Errors: unavailable, with the reason.
  static Result<std::unique_ptr<PostgresDatabase>> open(Clock& clock, Log& log, PostgresStoreOptions options);
  // Finishes what is queued; its coroutines are posted to the clock.
  ~PostgresDatabase() override;

  StoreFigures figures() const override;
  void drop_all() override;
  // Where bodies have threads; a verb of the command line and a test are alone with what they do.
  bool is_shared() const override;
  void set_process(ProcessId process) override;
  void announce(const Notice& notice) override;

  // Bodies of one transaction. They hold their lanes until the last of them is done.
  static constexpr std::size_t batch_max = 64;

 protected:
  void submit_write(Job& job) override;
  void submit_read(Job& job) override;

 private:
  struct Parts;
  explicit PostgresDatabase(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace epay::db
