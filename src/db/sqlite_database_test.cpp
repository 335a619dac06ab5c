#include "db/sqlite_database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <latch>
#include <mutex>
#include <semaphore>
#include <set>
#include <thread>

#include "db/sqlite_connection.h"
#include "db/sqlite_failing_files.h"
#include "runtime/task_group.h"
#include "simulation/run_task.h"
#include "simulation/sim_clock.h"

namespace epay::db {
namespace {

using simulation::run_task;
using simulation::SimClock;

constexpr Migration test_migrations[] = {
    {1, "first", "CREATE TABLE things (id BIGINT NOT NULL PRIMARY KEY, body TEXT, bytes BLOB) WITHOUT ROWID;"},
    {2, "second", "CREATE TABLE others (id BIGINT NOT NULL PRIMARY KEY) WITHOUT ROWID;"},
};
constexpr Sql insert_thing{"INSERT INTO things (id, body) VALUES ($1, $2)"};
constexpr Sql insert_whole{"INSERT INTO things (bytes, id, body) VALUES ($3, $1, $2)"};
constexpr Sql select_whole{"SELECT id, body, bytes FROM things WHERE body IS $2 AND id = $1"};
constexpr Sql select_ids{"SELECT id FROM things ORDER BY id"};
constexpr Sql count_things{"SELECT count(*) FROM things"};

template <class T>
Result<T> succeeded(T value) {
  return value;
}

std::int64_t id_of(const Row& row) { return row.integer(0); }

// A folder of its own for each test, gone with it.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "epay_db_test_XXXXXX").string();
    EPAY_CHECK(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name = "epay.db") const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// Resumes on the thread that calls run_until(). Time stands still.
class ThreadClock final : public Clock {
 public:
  Timestamp now() const override { return {1'700'000'000'000'000}; }
  Ticks ticks() const override { return {1}; }
  void post(std::coroutine_handle<> coroutine) override { post_all({&coroutine, 1}); }
  void post_all(std::span<const std::coroutine_handle<>> coroutines) override {
    {
      const std::lock_guard lock(mutex_);
      ready_.insert(ready_.end(), coroutines.begin(), coroutines.end());
    }
    arrived_.notify_one();
  }
  runtime::TimerId start_timer(Ticks, std::coroutine_handle<>) override { EPAY_CHECK(false); }
  void cancel_timer(runtime::TimerId) override { EPAY_CHECK(false); }

  template <class Condition>
  void run_until(Condition done) {
    while (!done()) {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [this] { return !ready_.empty(); });
      const auto next = ready_.front();
      ready_.pop_front();
      lock.unlock();
      next.resume();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::coroutine_handle<>> ready_;
};

class SqliteTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteDatabase> open(SqliteOptions options) {
    options.threading = Threading::inline_steps;
    auto database = SqliteDatabase::open(clock_, log_, std::move(options));
    EPAY_CHECK(database.has_value());
    return *std::move(database);
  }
  std::unique_ptr<SqliteDatabase> open() { return open({.path = folder_.file(), .migrations = test_migrations}); }
  std::string error_of_open(const std::string& path, std::span<const Migration> migrations) {
    const auto opened = SqliteDatabase::open(clock_, log_, {.path = path, .migrations = migrations});
    return opened ? "" : opened.error().message;
  }
  std::vector<std::int64_t> ids(Database& database) {
    return run_task(clock_, database.read([](Transaction& tx) { return succeeded(tx.query_all(select_ids, id_of)); }))
        .value();
  }
  Result<> insert(Database& database, std::int64_t id) {
    return run_task(clock_, database.write([id](Transaction& tx) {
      tx.execute(insert_thing, id, "text");
      return Result<>();
    }));
  }

  Folder folder_;
  SimClock clock_;
  std::vector<std::string> lines_;
  std::mutex lines_mutex_;
  Log log_{LogLevel::debug, [] { return Timestamp{}; },
           [this](LogLevel, std::string_view line) {
             const std::lock_guard lock(lines_mutex_);
             lines_.emplace_back(line);
           }};
};

TEST_F(SqliteTest, ParametersGoByTheirNumberAndValuesComeBackAsTheyWere) {
  const auto database = open();
  struct Case {
    std::int64_t id;
    std::optional<std::string> body;
    std::optional<std::string> bytes;
  };
  const Case cases[] = {{1, "text", "bytes"},
                        {INT64_MIN, "", ""},
                        {INT64_MAX, std::nullopt, std::nullopt},
                        {4, std::string("a\0b", 3), std::string("\0\xFF\0", 3)},
                        {5, "\xC2\xA2 \xF0\x9F\x92\xB3 '; DROP TABLE things; --", "$1"}};
  for (const Case& row : cases) {
    SCOPED_TRACE(row.id);
    const auto found = run_task(clock_, database->write([&row](Transaction& tx) {
      const auto bytes = row.bytes ? std::optional(Bytes{*row.bytes}) : std::nullopt;
      EXPECT_EQ(tx.execute(insert_whole, row.id, row.body, bytes), 1);
      return succeeded(tx.query_one(
          select_whole,
          [](const Row& got) { return Case{got.integer(0), got.optional_string(1), got.optional_string(2)}; }, row.id,
          row.body));
    }));
    ASSERT_TRUE(found.value().has_value());
    EXPECT_EQ((*found)->id, row.id);
    EXPECT_EQ((*found)->body, row.body);
    EXPECT_EQ((*found)->bytes, row.bytes);
  }
}

TEST_F(SqliteTest, StatementsTellHowManyRowsTheyChangedAndReturnRows) {
  static constexpr Sql insert_returning{"INSERT INTO things (id) VALUES ($1), ($2) RETURNING id"};
  static constexpr Sql update_all{"UPDATE things SET body = $1"};
  const auto database = open();
  const auto done = run_task(clock_, database->write([](Transaction& tx) {
    EXPECT_EQ(tx.query_all(insert_returning, id_of, 1, 2), (std::vector<std::int64_t>{1, 2}));
    EXPECT_EQ(tx.query_one(insert_returning, id_of, 3, 4), 3);
    EXPECT_EQ(tx.execute(update_all, "new"), 4);
    return Result<>();
  }));
  EXPECT_TRUE(done.has_value());
  EXPECT_EQ(ids(*database), (std::vector<std::int64_t>{1, 2, 3, 4}));
}

TEST_F(SqliteTest, WhatIsQueuedTogetherIsCommittedTogether) {
  const auto database = open();
  TaskGroup tasks(clock_, log_, "test");
  int ran = 0;
  int answered = 0;
  const auto caller = [](Database& store, int id, int& runs, int& answers) -> Task<void> {
    const auto done = co_await store.write([&runs, id](Transaction& tx) {
      ++runs;
      tx.execute(insert_thing, id, "text");
      return Result<>();
    });
    if (done) ++answers;
  };
  const int jobs = static_cast<int>(SqliteDatabase::batch_max) + 44;
  for (int id = 1; id <= jobs; ++id) tasks.spawn(caller(*database, id, ran, answered));
  EXPECT_EQ(ran, 0);
  clock_.step();
  EXPECT_EQ(ran, int(SqliteDatabase::batch_max));
  EXPECT_EQ(answered, 0);  // here a crash would find them durable and unanswered
  clock_.run_ready();
  EXPECT_EQ(ran, jobs);
  EXPECT_EQ(answered, jobs);
}

// What one body of a batch does after or before its insert.
enum class Does { succeed, fail_before, fail_after, throw_before, throw_after, violate };
constexpr Does all_of_does[] = {Does::succeed,      Does::fail_before, Does::fail_after,
                                Does::throw_before, Does::throw_after, Does::violate};

Result<std::int64_t> act(Transaction& tx, Does does, std::int64_t id) {
  const auto refuse = [] { return epay::fail(ErrorCode::conflict, "refused"); };
  if (does == Does::fail_before) return refuse();
  if (does == Does::throw_before) throw std::runtime_error("before");
  tx.execute(insert_thing, id, "text");
  if (does == Does::violate) tx.execute(insert_thing, id, "again");
  if (does == Does::fail_after) return refuse();
  if (does == Does::throw_after) throw std::runtime_error("after");
  return id;
}

void check_answer(Does does, std::int64_t id, const Result<std::int64_t>& answer) {
  if (does == Does::succeed) {
    EXPECT_EQ(answer.value_or(-1), id);
    return;
  }
  ASSERT_FALSE(answer.has_value());
  const bool refused = does == Does::fail_before || does == Does::fail_after;
  EXPECT_EQ(answer.error().code, refused ? ErrorCode::conflict : ErrorCode::unavailable);
}

TEST_F(SqliteTest, ABodyThatFailsIsUndoneAloneWhereverItStands) {
  const auto database = open({.path = "file:/alone?vfs=memdb", .migrations = test_migrations});
  const auto caller = [](Database& store, Does does, std::int64_t id, Result<std::int64_t>& answer) -> Task<void> {
    answer = co_await store.write([does, id](Transaction& tx) { return act(tx, does, id); });
  };
  std::vector<std::int64_t> expected;
  std::int64_t id = 0;
  for (Does first : all_of_does) {
    for (Does second : all_of_does) {
      for (Does third : all_of_does) {
        SCOPED_TRACE(testing::Message() << int(first) << " " << int(second) << " " << int(third));
        const Does batch[] = {first, second, third};
        Result<std::int64_t> answers[3];
        TaskGroup tasks(clock_, log_, "test");
        for (int i = 0; i < 3; ++i) tasks.spawn(caller(*database, batch[i], id + i, answers[i]));
        clock_.run_ready();
        for (int i = 0; i < 3; ++i, ++id) {
          check_answer(batch[i], id, answers[i]);
          if (batch[i] == Does::succeed) expected.push_back(id);
        }
        ASSERT_EQ(ids(*database), expected);
      }
    }
  }
}

TEST_F(SqliteTest, AFailureWithoutAChangeMakesNobodyRunTwice) {
  const auto database = open();
  const auto caller = [](Database& store, Does does, int id, int& runs) -> Task<void> {
    (void)co_await store.write([does, id, &runs](Transaction& tx) {
      ++runs;
      tx.next_id(Sequence::payment);
      return act(tx, does, id);
    });
  };
  TaskGroup tasks(clock_, log_, "test");
  int runs[3] = {};
  for (int i = 0; i < 3; ++i) tasks.spawn(caller(*database, i == 1 ? Does::fail_before : Does::succeed, i, runs[i]));
  clock_.run_ready();
  EXPECT_EQ(runs[0] + runs[1] + runs[2], 3);
  EXPECT_EQ(ids(*database), (std::vector<std::int64_t>{0, 2}));
}

TEST_F(SqliteTest, IdsBeginAtOneGrowAndNeverRepeat) {
  const auto database = open();
  std::int64_t last = 0;
  for (int i = 0; i < 600; ++i) {
    const Does does = i % 7 == 3 ? Does::fail_after : i % 11 == 5 ? Does::throw_after : Does::succeed;
    const auto id = run_task(
        clock_, database->write([does](Transaction& tx) { return act(tx, does, tx.next_id(Sequence::payment)); }));
    if (!id) continue;
    if (i == 0) EXPECT_EQ(*id, 1);
    EXPECT_GT(*id, last);
    last = *id;
  }
  // Another process takes ids of its own.
  const auto other = open();
  const auto its =
      run_task(clock_, other->write([](Transaction& tx) { return succeeded(tx.next_id(Sequence::payment)); }));
  EXPECT_GT(its.value(), last);
}

TEST_F(SqliteTest, IdsGrowInTheOrderOfCommitsWhoeverWrites) {
  const auto serving = open();
  const auto verb = open();
  std::int64_t last = 0;
  for (int round = 0; round < 40; ++round) {
    SqliteDatabase& writer = round % 5 == 3 ? *verb : *serving;
    const auto id = run_task(
        clock_, writer.write([](Transaction& tx) { return act(tx, Does::succeed, tx.next_id(Sequence::payment)); }));
    ASSERT_TRUE(id.has_value());
    EXPECT_GT(*id, last) << round;
    last = *id;
  }
}

TEST_F(SqliteTest, ARolledBackReservationIsTakenAgainFromTheStore) {
  const auto first = open();
  const auto second = open();
  // The only body of the first block fails after a change, so the store never kept the reservation.
  const auto failed = run_task(
      clock_, first->write([](Transaction& tx) { return act(tx, Does::fail_after, tx.next_id(Sequence::payment)); }));
  EXPECT_FALSE(failed.has_value());
  std::set<std::int64_t> seen;
  for (Database* database : {second.get(), first.get(), second.get(), first.get()}) {
    const auto id =
        run_task(clock_, database->write([](Transaction& tx) { return succeeded(tx.next_id(Sequence::payment)); }));
    EXPECT_TRUE(seen.insert(id.value()).second) << *id;
  }
}

TEST_F(SqliteTest, AReadChangesNothing) {
  const auto database = open();
  const auto answer = run_task(clock_, database->read([](Transaction& tx) { return act(tx, Does::succeed, 1); }));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(ids(*database).empty());
}

TEST_F(SqliteTest, ReadsSeeOnlyWhatIsCommitted) {
  ThreadClock clock;
  const auto database = *SqliteDatabase::open(clock, log_, {.path = folder_.file(), .migrations = test_migrations});
  std::binary_semaphore inserted(0);
  std::binary_semaphore counted(0);
  std::int64_t during = -1;
  std::int64_t after = -1;
  const auto count = [](Database& store, std::int64_t& into) -> Task<void> {
    into = (co_await store.read([](Transaction& tx) {
             return succeeded(tx.query_one(count_things, id_of).value());
           })).value();
  };
  const auto write = [](Database& store, std::binary_semaphore& done, std::binary_semaphore& go_on) -> Task<void> {
    const auto written = co_await store.write([&](Transaction& tx) {
      tx.execute(insert_thing, 1, "text");
      done.release();
      go_on.acquire();
      return Result<>();
    });
    EXPECT_TRUE(written.has_value());
  };
  TaskGroup tasks(clock, log_, "test");
  tasks.spawn(write(*database, inserted, counted));
  inserted.acquire();
  tasks.spawn(count(*database, during));
  clock.run_until([&] { return during >= 0; });
  counted.release();
  clock.run_until([&] { return tasks.size() == 0; });
  tasks.spawn(count(*database, after));
  clock.run_until([&] { return after >= 0; });
  EXPECT_EQ(during, 0);
  EXPECT_EQ(after, 1);
}

TEST_F(SqliteTest, MigrationsAreAppliedOnceAndInOrder) {
  static constexpr Sql select_applied{"SELECT version FROM schema_migrations ORDER BY version"};
  open({.path = folder_.file(), .migrations = std::span(test_migrations).first(1)});
  const auto database = open();
  open();
  const auto versions =
      run_task(clock_, database->read([](Transaction& tx) { return succeeded(tx.query_all(select_applied, id_of)); }));
  EXPECT_EQ(versions.value(), (std::vector<std::int64_t>{1, 2}));
}

TEST_F(SqliteTest, AStepThatFailsLeavesTheStepsBeforeIt) {
  const Migration broken[] = {test_migrations[0],
                              {2, "broken", "CREATE TABLE half (id BIGINT); CREATE TABLE things (id BIGINT);"}};
  EXPECT_NE(error_of_open(folder_.file(), broken).find("already exists"), std::string::npos);
  const auto database = open();  // with a second step that works
  EXPECT_TRUE(insert(*database, 1).has_value());
}

TEST_F(SqliteTest, AnOlderBinaryUsesASchemaWhoseNewerStepsAreAdditive) {
  open();
  EXPECT_EQ(error_of_open(folder_.file(), std::span(test_migrations).first(1)), "");
  const Migration steps[] = {test_migrations[0],
                             test_migrations[1],
                             {3, "other", "-- needs: all processes stopped\nDROP TABLE things;"},
                             {4, "more", "CREATE TABLE more (id BIGINT);"}};
  open({.path = folder_.file(), .migrations = steps});
  EXPECT_EQ(error_of_open(folder_.file(), std::span(steps).first(3)), "");
  EXPECT_EQ(error_of_open(folder_.file(), std::span(steps).first(2)),
            "this database was written by a newer epay (schema 4, step 3 must be known; this binary knows 2): use that "
            "version or a newer one");
}

TEST_F(SqliteTest, AStoreFromBeforeStepsSaidWhetherTheyAreAdditiveGoesOn) {
  open({.path = folder_.file(), .migrations = std::span(test_migrations).first(1)});
  const auto store = SqliteConnection::open(folder_.file(), SqliteConnection::Access::read_write, seconds(1));
  (*store)->execute_text("ALTER TABLE schema_migrations DROP COLUMN older_may_run");
  EXPECT_TRUE(insert(*open(), 1).has_value());
  EXPECT_EQ(error_of_open(folder_.file(), std::span(test_migrations).first(1)), "");
}

TEST_F(SqliteTest, RefusesAFileThatIsNotOurs) {
  std::ofstream(folder_.file("text")) << std::string(5000, 'x');
  EXPECT_NE(error_of_open(folder_.file("text"), test_migrations).find("not a database"), std::string::npos);
  EXPECT_NE(error_of_open(folder_.file("no/such/folder"), test_migrations).find("unable to open"), std::string::npos);
  const auto other = SqliteConnection::open(folder_.file("other"), SqliteConnection::Access::read_write, seconds(1));
  (*other)->execute_text("CREATE TABLE theirs (id)");
  EXPECT_NE(error_of_open(folder_.file("other"), test_migrations).find("another program"), std::string::npos);
}

TEST_F(SqliteTest, ANewFileIsItsOwnersAlone) {
  open();
  struct stat status{};
  ASSERT_EQ(stat(folder_.file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(SqliteTest, SeveralMayOpenANewFileAtOnce) {
  for (int round = 0; round < 10; ++round) {
    const std::string path = folder_.file("new" + std::to_string(round));
    std::latch start(4);
    std::vector<std::string> errors(4);
    std::vector<std::thread> threads;
    for (auto& error : errors) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        error = error_of_open(path, test_migrations);
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(errors, std::vector<std::string>(4));
  }
}

TEST_F(SqliteTest, EveryMigrationFileIsInTheBinary) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(EPAY_SOURCE_DIR "/migrations"))
    files.push_back(entry.path());
  std::ranges::sort(files);
  const auto embedded = embedded_migrations();
  ASSERT_EQ(embedded.size(), files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    SCOPED_TRACE(files[i]);
    std::ifstream file(files[i]);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const std::string number = std::to_string(embedded[i].version);
    EXPECT_EQ(files[i].filename(),
              std::string(4 - number.size(), '0') + number + "_" + std::string(embedded[i].name) + ".sql");
    EXPECT_EQ(embedded[i].version, static_cast<std::int64_t>(i + 1));
    EXPECT_EQ(embedded[i].text, text);
  }
  EXPECT_EQ(error_of_open(folder_.file(), embedded), "");
}

TEST_F(SqliteTest, AFullDiskFailsWhatDoesNotFitAndNothingElse) {
  const auto database = open();
  ASSERT_TRUE(insert(*database, 1).has_value());
  database->limit_pages(8);
  const std::string large(64 * 1024, 'x');
  const auto caller = [](Database& store, std::int64_t id, std::string_view body, Result<>& answer) -> Task<void> {
    answer = co_await store.write([id, body](Transaction& tx) {
      tx.execute(insert_thing, id, body);
      return Result<>();
    });
  };
  Result<> answers[3];
  TaskGroup tasks(clock_, log_, "test");
  for (int i = 0; i < 3; ++i)
    tasks.spawn(caller(*database, 2 + i, i == 1 ? std::string_view(large) : "small", answers[i]));
  clock_.run_ready();
  EXPECT_TRUE(answers[0].has_value());
  ASSERT_FALSE(answers[1].has_value());
  EXPECT_EQ(answers[1].error().code, ErrorCode::unavailable);
  EXPECT_TRUE(answers[2].has_value());
  EXPECT_EQ(ids(*database), (std::vector<std::int64_t>{1, 2, 4}));
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_NE(lines_[0].find("database or disk is full"), std::string::npos);
  database->limit_pages(1'000'000);
  EXPECT_TRUE(insert(*database, 5).has_value());
}

TEST_F(SqliteTest, ABodyThatHidesAFailureIsUndoneToo) {
  const auto database = open();
  database->limit_pages(12);
  const auto answer = run_task(clock_, database->write([](Transaction& tx) {
    for (int id = 1; id < 100; ++id) {
      try {
        tx.execute(insert_thing, id, std::string(4000, 'x'));
      } catch (const StoreFailure&) {
        continue;
      }
    }
    return Result<>();
  }));
  EXPECT_FALSE(answer.has_value());
  EXPECT_TRUE(ids(*database).empty());
}

TEST_F(SqliteTest, ACommitThatFindsTheDiskFullIsUndone) {
  const std::string path = folder_.file();
  {
    const auto database = open({.path = failing_uri(path), .migrations = test_migrations});
    ASSERT_TRUE(insert(*database, 1).has_value());
    set_log_fault(LogFault::full);
    for (int id = 2; id < 5; ++id) {
      const auto answer = insert(*database, id);
      ASSERT_FALSE(answer.has_value());
      EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
    }
    EXPECT_EQ(ids(*database), (std::vector<std::int64_t>{1}));
    // As a crash would leave it.
    std::filesystem::copy_file(path, folder_.file("crashed"));
    std::filesystem::copy_file(path + "-wal", folder_.file("crashed-wal"));
    set_log_fault(LogFault::none);
    EXPECT_TRUE(insert(*database, 5).has_value());
  }
  EXPECT_EQ(ids(*open()), (std::vector<std::int64_t>{1, 5}));
  EXPECT_EQ(ids(*open({.path = folder_.file("crashed"), .migrations = test_migrations})),
            (std::vector<std::int64_t>{1}));
}

TEST_F(SqliteTest, ACommitThatCannotBeSyncedEndsTheProcess) {
  const auto end = [](const std::string& why) {
    std::fprintf(stderr, "ended: %s\n", why.c_str());
    std::_Exit(7);
  };
  const auto commit = [&] {
    const auto database = open({.path = failing_uri(folder_.file()), .migrations = test_migrations, .on_unknown = end});
    set_log_fault(LogFault::sync_failing);
    (void)insert(*database, 1);
  };
  EXPECT_EXIT(commit(), testing::ExitedWithCode(7), "ended: disk I/O error");
}

TEST_F(SqliteTest, WhoeverHoldsTheLockTooLongMakesWritesUnavailable) {
  const auto database = open({.path = folder_.file(), .migrations = test_migrations, .lock_wait_max = milliseconds(1)});
  const auto holder = *SqliteConnection::open(folder_.file(), SqliteConnection::Access::read_write, seconds(1));
  holder->begin();
  const auto answer = insert(*database, 1);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(ids(*database).empty());
  holder->rollback();
  EXPECT_TRUE(insert(*database, 1).has_value());
}

Task<void> write_several(Database& store, int count, std::vector<std::int64_t>& ids) {
  for (int i = 0; i < count; ++i) {
    const auto id =
        co_await store.write([](Transaction& tx) { return act(tx, Does::succeed, tx.next_id(Sequence::payment)); });
    if (id) ids.push_back(*id);
  }
}

TEST_F(SqliteTest, TwoProcessesMayWriteTheSameFile) {
  ThreadClock clock;
  const SqliteOptions options{.path = folder_.file(), .migrations = test_migrations};
  const auto first = *SqliteDatabase::open(clock, log_, options);
  const auto second = *SqliteDatabase::open(clock, log_, options);
  TaskGroup tasks(clock, log_, "test");
  std::vector<std::int64_t> written;
  for (int i = 0; i < 8; ++i) tasks.spawn(write_several(i % 2 == 0 ? *first : *second, 100, written));
  clock.run_until([&] { return tasks.size() == 0; });
  EXPECT_EQ(written.size(), 800U);
  EXPECT_EQ(std::set(written.begin(), written.end()).size(), 800U);
  std::ranges::sort(written);
  EXPECT_EQ(ids(*open()), written);
}

TEST_F(SqliteTest, ThreadsAnswerEveryCaller) {
  ThreadClock clock;
  const auto database = *SqliteDatabase::open(clock, log_, {.path = folder_.file(), .migrations = test_migrations});
  TaskGroup tasks(clock, log_, "test");
  std::vector<std::int64_t> written;
  for (int i = 0; i < 64; ++i) tasks.spawn(write_several(*database, 50, written));
  clock.run_until([&] { return tasks.size() == 0; });
  EXPECT_EQ(std::set(written.begin(), written.end()).size(), 64U * 50U);
}

void check_closing(Clock& clock, Log& log, const SqliteOptions& options, const std::function<void(TaskGroup&)>& run) {
  auto database = *SqliteDatabase::open(clock, log, options);
  TaskGroup tasks(clock, log, "test");
  std::vector<std::int64_t> written;
  for (int i = 0; i < 600; ++i) tasks.spawn(write_several(*database, 1, written));
  database.reset();
  run(tasks);
  EXPECT_EQ(written.size(), 600U);
}

TEST_F(SqliteTest, ClosingFinishesWhatIsQueued) {
  ThreadClock clock;
  SqliteOptions options{.path = folder_.file(), .migrations = test_migrations};
  check_closing(clock, log_, options, [&](TaskGroup& tasks) { clock.run_until([&] { return tasks.size() == 0; }); });
  options.threading = Threading::inline_steps;
  check_closing(clock_, log_, options, [&](TaskGroup&) { clock_.run_ready(); });
}

TEST_F(SqliteTest, ACrashForgetsWhatIsQueuedAndKeepsWhatIsCommitted) {
  const SqliteOptions options{.path = "file:/crash?vfs=memdb", .migrations = test_migrations};
  const auto survivor = open(options);  // what is in memory lives as long as one has it open
  std::vector<std::int64_t> answered;
  {
    auto crashing = open(options);
    TaskGroup tasks(clock_, log_, "test");
    tasks.spawn(write_several(*crashing, 1, answered));
    clock_.step();  // committed; the answer is on its way
    tasks.spawn(write_several(*crashing, 1, answered));
    clock_.drop_all();
    crashing->drop_all();
  }
  clock_.run_ready();
  EXPECT_TRUE(answered.empty());
  EXPECT_EQ(ids(*survivor), (std::vector<std::int64_t>{1}));
}

TEST_F(SqliteTest, ABackupIsACopyOfWhatIsCommitted) {
  const auto database = open();
  ASSERT_TRUE(insert(*database, 1).has_value());
  ASSERT_TRUE(SqliteDatabase::backup(folder_.file(), folder_.file("copy")).has_value());
  ASSERT_TRUE(insert(*database, 2).has_value());
  EXPECT_EQ(ids(*open({.path = folder_.file("copy"), .migrations = test_migrations})), (std::vector<std::int64_t>{1}));
  EXPECT_FALSE(SqliteDatabase::backup(folder_.file(), folder_.file("copy")).has_value());  // never over a file
  EXPECT_FALSE(SqliteDatabase::backup(folder_.file("missing"), folder_.file("copy2")).has_value());
}

}  // namespace
}  // namespace epay::db
