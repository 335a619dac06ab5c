#include "db/sqlite_database.h"

#include <sqlite3.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "base/check.h"
#include "db/sqlite_connection.h"

namespace epay::db {
namespace {

using Access = SqliteConnection::Access;

Error store_error(const std::exception& failure) {
  return {ErrorCode::unavailable, std::string("the store failed: ") + failure.what()};
}

// Runs jobs on one connection, so that each either stands or has left no trace.
class BatchRunner {
 public:
  BatchRunner(SqliteConnection& connection, Access access, Log& log, const SqliteOptions& options)
      : connection_(connection), access_(access), log_(log), options_(options) {}

  void run(std::span<Job* const> jobs) {
    if (run_together(jobs)) return;
    // One of them failed after it had changed something. Alone, each can be undone without touching the others; a savepoint for
    // every body would cost a quarter of the throughput, and this is rare.
    for (Job* job : jobs) {
      Job* const alone[] = {job};
      run_together(alone);
    }
  }

 private:
  // False when the batch was undone and is to be run one by one.
  bool run_together(std::span<Job* const> jobs) {
    const bool alone = jobs.size() == 1;
    try {
      connection_.begin();
    } catch (const std::exception& failure) {
      log_.error("store_failed", {{"doing", "begin"}, {"error", failure.what()}});
      for (Job* job : jobs) job->fail(store_error(failure));
      return true;
    }
    for (Job* job : jobs) {
      connection_.take_wrote();
      bool stands = false;
      try {
        stands = job->run(connection_);
      } catch (const std::exception& failure) {
        connection_.rollback();
        if (!alone) return false;
        log_.error("store_failed", {{"doing", "statement"}, {"error", failure.what()}});
        job->fail(store_error(failure));
        return true;
      }
      if (!stands && connection_.take_wrote()) {
        connection_.rollback();
        if (!alone) return false;
        return true;  // undone, and the job has its error
      }
    }
    commit(jobs);
    return true;
  }

  void commit(std::span<Job* const> jobs) {
    try {
      connection_.commit();
    } catch (const std::exception& failure) {
      // Where SQLite says that the transaction is still open, nothing of it is durable and it can be undone. The same where the disk
      // was full: the log ends before the transaction's commit mark. In any other case (a sync failed) the state of the file is not
      // known, and to go on would be to guess.
      const bool undone = connection_.in_transaction() || connection_.disk_was_full();
      if (access_ == Access::read_write && !undone) {
        options_.fatal(failure.what());
        std::abort();
      }
      connection_.rollback();
      log_.error("store_failed", {{"doing", "commit"}, {"error", failure.what()}});
      for (Job* job : jobs) job->fail(store_error(failure));
    }
  }

  SqliteConnection& connection_;
  Access access_;
  Log& log_;
  const SqliteOptions& options_;
};

}  // namespace

// Jobs that wait for a connection, and the thread (or the steps) that serves them.
class SqliteDatabase::Queue {
 public:
  Queue(Clock& clock, Log& log, SqliteOptions options, Access access, std::unique_ptr<SqliteConnection> connection)
      : clock_(clock),
        options_(std::move(options)),
        connection_(std::move(connection)),
        runner_(*connection_, access, log, options_) {
    if (options_.threading == Threading::own_threads) {
      thread_ = std::thread([this] { serve(); });
    } else {
      stepper_ = std::make_unique<Stepper>(steps());
    }
  }

  ~Queue() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    arrived_.notify_one();
    thread_.join();
  }

  void submit(Job& job) {
    if (stepper_) {
      waiting_.push_back(&job);
      if (!step_posted_) {
        step_posted_ = true;
        clock_.post(stepper_->handle);
      }
      return;
    }
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(&job);
      wake = idle_;
    }
    if (wake) arrived_.notify_one();
  }

  void drop_all() {
    waiting_.clear();
    step_posted_ = false;
  }

  SqliteConnection& connection() { return *connection_; }

 private:
  // A coroutine that runs one batch each time it is resumed.
  struct Stepper {
    struct promise_type {
      Stepper get_return_object() { return Stepper{std::coroutine_handle<promise_type>::from_promise(*this)}; }
      std::suspend_always initial_suspend() const noexcept { return {}; }
      std::suspend_always final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      void unhandled_exception() const noexcept { std::terminate(); }
    };
    explicit Stepper(std::coroutine_handle<promise_type> h) : handle(h) {}
    Stepper(Stepper&& other) noexcept : handle(std::exchange(other.handle, {})) {}
    Stepper& operator=(Stepper&&) = delete;
    ~Stepper() {
      if (handle) handle.destroy();
    }
    std::coroutine_handle<promise_type> handle;
  };

  Stepper steps() {
    for (;;) {
      if (step_posted_) {
        step_posted_ = false;
        run_batch();
      }
      co_await std::suspend_always();
    }
  }

  void run_batch() {
    std::vector<Job*> batch = std::exchange(waiting_, {});
    if (batch.size() > batch_max) {
      waiting_.assign(batch.begin() + batch_max, batch.end());
      batch.resize(batch_max);
      step_posted_ = true;
      clock_.post(stepper_->handle);
    }
    finish(batch);
  }

  void finish(const std::vector<Job*>& batch) {
    runner_.run(batch);
    std::vector<std::coroutine_handle<>> done;
    done.reserve(batch.size());
    for (Job* job : batch) done.push_back(job->waiting);
    clock_.post_all(done);
  }

  void serve() {
    std::vector<Job*> batch;
    for (;;) {
      batch.clear();
      {
        std::unique_lock lock(mutex_);
        idle_ = true;
        arrived_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
        idle_ = false;
        if (waiting_.empty()) return;
        const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), batch_max));
        batch.assign(waiting_.begin(), end);
        waiting_.erase(waiting_.begin(), end);
      }
      finish(batch);
    }
  }

  Clock& clock_;
  SqliteOptions options_;
  std::unique_ptr<SqliteConnection> connection_;
  BatchRunner runner_;
  std::vector<Job*> waiting_;

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::thread thread_;
  bool idle_ = false;
  bool closing_ = false;

  std::unique_ptr<Stepper> stepper_;
  bool step_posted_ = false;
};

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(Clock& clock, Log& log, SqliteOptions options) {
  if (!options.fatal) {
    options.fatal = [&log](const std::string& why) {
      log.error("store_state_unknown", {{"error", why}, {"action", "the process ends; start it again"}});
      std::abort();
    };
  }
  auto writer = SqliteConnection::open(options.path, Access::read_write);
  if (!writer) return std::unexpected(writer.error());
  if (const auto migrated = (*writer)->migrate(options.migrations, clock.now()); !migrated) {
    return std::unexpected(migrated.error());
  }
  auto reader = SqliteConnection::open(options.path, Access::read_only);
  if (!reader) return std::unexpected(reader.error());
  return std::unique_ptr<SqliteDatabase>(
      new SqliteDatabase(clock, log, std::move(options), *std::move(writer), *std::move(reader)));
}

SqliteDatabase::SqliteDatabase(Clock& clock, Log& log, SqliteOptions options, std::unique_ptr<SqliteConnection> writer,
                               std::unique_ptr<SqliteConnection> reader)
    : writes_(std::make_unique<Queue>(clock, log, options, Access::read_write, std::move(writer))),
      reads_(std::make_unique<Queue>(clock, log, options, Access::read_only, std::move(reader))) {}

SqliteDatabase::~SqliteDatabase() = default;

void SqliteDatabase::submit_write(Job& job) { writes_->submit(job); }
void SqliteDatabase::submit_read(Job& job) { reads_->submit(job); }

void SqliteDatabase::drop_all() {
  writes_->drop_all();
  reads_->drop_all();
}

void SqliteDatabase::limit_pages(std::int64_t pages_max) {
  writes_->connection().execute_text("PRAGMA max_page_count = " + std::to_string(pages_max));
}

Result<> SqliteDatabase::backup(const std::string& from, const std::string& to) {
  auto source = SqliteConnection::open(from, Access::read_only);
  if (!source) return std::unexpected(source.error());
  static constexpr Sql vacuum_into{"VACUUM INTO $1"};
  try {
    (*source)->execute_text("PRAGMA query_only = OFF");
    (*source)->execute(vacuum_into, to);
  } catch (const StoreFailure& failure) {
    return fail(ErrorCode::unavailable, failure.what());
  }
  return {};
}

}  // namespace epay::db
