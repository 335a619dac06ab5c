#include "db/sqlite_database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <coroutine>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "db/sqlite_batch_runner.h"
#include "db/sqlite_connection.h"

namespace epay::db {
namespace {

using Access = SqliteConnection::Access;

}  // namespace

// Jobs that wait for a connection, and the thread (or the steps) that serves them.
class SqliteDatabase::Queue {
 public:
  Queue(Clock& clock, Log& log, const SqliteOptions& options, std::unique_ptr<SqliteConnection> connection)
      : clock_(clock), connection_(std::move(connection)), runner_(*connection_, log, options.fatal) {
    if (options.threading == Threading::own_threads) {
      thread_ = std::thread([this] { serve(); });
    } else {
      stepper_ = steps().handle;
      stepper_.promise().queue = this;
    }
  }

  ~Queue() {
    if (stepper_) {
      close_steps();
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    arrived_.notify_one();
    thread_.join();
  }
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  void submit(Job& job) {
    if (stepper_) {
      waiting_.push_back(&job);
      post_step();
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
    EPAY_CHECK(stepper_);
    waiting_.clear();
    step_posted_ = false;
  }

  SqliteConnection& connection() { return *connection_; }

 private:
  // A coroutine that runs one batch each time it is resumed. It belongs to the queue; when the queue goes while the
  // clock is still to resume it, it belongs to itself.
  struct Stepper {
    struct promise_type {
      Stepper get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
      std::suspend_never initial_suspend() const noexcept { return {}; }
      std::suspend_never final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      void unhandled_exception() const noexcept { std::terminate(); }
      Queue* queue = nullptr;
    };
    std::coroutine_handle<promise_type> handle;
  };

  // Suspends until the next step, and gives the queue if it is still there.
  struct NextStep {
    std::coroutine_handle<Stepper::promise_type> self = {};
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<Stepper::promise_type> handle) noexcept { self = handle; }
    Queue* await_resume() const noexcept { return self.promise().queue; }
  };

  static Stepper steps() {
    while (Queue* queue = co_await NextStep()) queue->step();
  }

  void step() {
    if (!std::exchange(step_posted_, false)) return;
    take_batch();
    run_batch();
    if (!waiting_.empty()) post_step();
  }

  void post_step() {
    if (!std::exchange(step_posted_, true)) clock_.post(stepper_);
  }

  void close_steps() {
    while (!waiting_.empty()) {
      take_batch();
      run_batch();
    }
    if (step_posted_) {
      stepper_.promise().queue = nullptr;
    } else {
      stepper_.destroy();
    }
  }

  void serve() {
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        idle_ = true;
        arrived_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
        idle_ = false;
        if (waiting_.empty()) return;
        take_batch();
      }
      run_batch();
    }
  }

  void take_batch() {
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), batch_max));
    batch_.assign(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
  }

  void run_batch() {
    runner_.run(batch_);
    done_.clear();
    for (const Job* job : batch_) done_.push_back(job->waiting);
    // From here on the jobs may be gone: each lives in the frame of the coroutine that waits for it.
    batch_.clear();
    clock_.post_all(done_);
  }

  Clock& clock_;
  std::unique_ptr<SqliteConnection> connection_;
  SqliteBatchRunner runner_;
  std::vector<Job*> batch_;  // under way
  std::vector<std::coroutine_handle<>> done_;

  std::mutex mutex_;
  std::condition_variable arrived_;
  // These three under mutex_, where there is a thread.
  std::vector<Job*> waiting_;
  bool idle_ = false;
  bool closing_ = false;
  std::thread thread_;

  std::coroutine_handle<Stepper::promise_type> stepper_;
  bool step_posted_ = false;
};

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(Clock& clock, Log& log, SqliteOptions options) {
  if (!options.fatal) {
    options.fatal = [&log](const std::string& why) {
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
    : shared_(options.shared),
      writes_(std::make_unique<Queue>(clock, log, options, std::move(writer))),
      reads_(std::make_unique<Queue>(clock, log, options, std::move(reader))) {}

SqliteDatabase::~SqliteDatabase() = default;

void SqliteDatabase::submit_write(Job& job) { writes_->submit(job); }
void SqliteDatabase::submit_read(Job& job) { reads_->submit(job); }

void SqliteDatabase::set_process(ProcessId process) {
  for (const auto& queue : {&writes_, &reads_}) (*queue)->connection().set_process(process);
}

void SqliteDatabase::drop_all() {
  writes_->drop_all();
  reads_->drop_all();
}

void SqliteDatabase::limit_pages(std::int64_t pages_max) {
  writes_->connection().execute_text("PRAGMA max_page_count = " + std::to_string(pages_max));
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
