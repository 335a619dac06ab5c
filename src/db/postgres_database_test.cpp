// Against a real server: the one that EPAY_TEST_POSTGRES names. Without it these say that they were skipped.
#include "db/postgres_database.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "db/postgres_connection.h"
#include "db/postgres_schema.h"
#include "runtime/reactor.h"
#include "runtime/task_group.h"
#include "simulation/run_task.h"
#include "simulation/sim_clock.h"
#include "simulation/test_schema.h"

namespace epay::db {
namespace {

using simulation::run_task;
using simulation::SimClock;
using simulation::TestSchema;

constexpr Migration test_migrations[] = {
    {1, "first", "CREATE TABLE things (id BIGINT NOT NULL PRIMARY KEY, body TEXT, bytes BLOB) WITHOUT ROWID;"},
    {2, "second", "CREATE TABLE counters (id BIGINT NOT NULL PRIMARY KEY, value BIGINT NOT NULL) WITHOUT ROWID;"},
};
constexpr Sql insert_thing{"INSERT INTO things (id, body, bytes) VALUES ($1, $2, $3)"};
constexpr Sql update_thing{"UPDATE things SET body = $2 WHERE id = $1"};
constexpr Sql select_thing{"SELECT id, body, bytes FROM things WHERE id = $1"};
constexpr Sql select_ids{"SELECT id FROM things ORDER BY id"};
constexpr Sql select_sum{"SELECT sum(id), count(*), count(*) > 1, coalesce(sum(id), 0) - 10 FROM things"};
constexpr Sql select_value{"SELECT value FROM counters WHERE id = $1"};
constexpr Sql set_value{
    "INSERT INTO counters (id, value) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET value = excluded.value"};
constexpr Sql end_session{"SELECT pg_terminate_backend(pg_backend_pid())"};

std::int64_t id_of(const Row& row) { return row.integer(0); }

class PostgresTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!TestSchema::there()) GTEST_SKIP() << "EPAY_TEST_POSTGRES names no server";
    schema_.emplace();
  }
  std::unique_ptr<PostgresDatabase> open() {
    auto database = PostgresDatabase::open(
        clock_, log_,
        {.server = {.url = schema_->url()}, .threading = Threading::inline_steps, .migrations = test_migrations});
    EXPECT_TRUE(database.has_value()) << database.error().message;
    return *std::move(database);
  }
  Result<> insert(Database& database, std::int64_t id) {
    return run_task(clock_, database.write([id](Transaction& tx) {
      tx.execute(insert_thing, id, "text", nullptr);
      return Result<>();
    }));
  }
  std::vector<std::int64_t> ids(Database& database) {
    return *run_task(clock_, database.read([](Transaction& tx) -> Result<std::vector<std::int64_t>> {
      return tx.query_all(select_ids, id_of);
    }));
  }

  std::optional<TestSchema> schema_;
  SimClock clock_;
  Log log_{LogLevel::error, [] { return Timestamp{}; }, [](LogLevel, std::string_view) {}};
};

TEST_F(PostgresTest, ValuesComeBackAsTheyWere) {
  const auto database = open();
  const std::string bytes("\0\xff\\x", 4);
  struct Case {
    std::int64_t id;
    std::optional<std::string> body, bytes;
  };
  for (const Case& wanted : {Case{1, "text", bytes}, Case{INT64_MIN, "", ""}, Case{INT64_MAX, std::nullopt, {}}}) {
    const auto found = *run_task(clock_, database->write([&](Transaction& tx) -> Result<Case> {
      const auto content = wanted.bytes ? std::optional(Bytes{*wanted.bytes}) : std::nullopt;
      EXPECT_EQ(std::int64_t(tx.execute(insert_thing, wanted.id, wanted.body, content)), 1);
      return *tx.query_one(
          select_thing,
          [](const Row& row) { return Case{row.integer(0), row.optional_string(1), row.optional_string(2)}; },
          wanted.id);
    }));
    EXPECT_EQ(found.id, wanted.id);
    EXPECT_EQ(found.body, wanted.body);
    EXPECT_EQ(found.bytes, wanted.bytes);
  }
}

TEST_F(PostgresTest, SumsAndTruthValuesAreNumbers) {
  const auto database = open();
  for (const std::int64_t id : {30'000L, 120'000'000'000L, 1L}) ASSERT_TRUE(insert(*database, id));
  const auto found = *run_task(clock_, database->read([](Transaction& tx) -> Result<std::vector<std::int64_t>> {
    return *tx.query_one(select_sum, [](const Row& row) {
      return std::vector{row.integer(0), row.integer(1), row.integer(2), row.integer(3)};
    });
  }));
  EXPECT_EQ(found, (std::vector<std::int64_t>{120'000'030'001, 3, 1, 120'000'029'991}));
}

TEST_F(PostgresTest, ABodyThatFailsLeavesNoTraceAndTheOthersStand) {
  const auto database = open();
  ASSERT_TRUE(insert(*database, 3));
  TaskGroup tasks(clock_, log_, "test");
  std::vector<std::string> ends;
  const auto run = [&](std::int64_t id, bool fails) -> Task<void> {
    const auto done = co_await database->write([id, fails](Transaction& tx) -> Result<> {
      tx.execute(insert_thing, id, "text", nullptr);  // of 3, nobody hears yet that there is one
      if (fails) return fail(ErrorCode::conflict, "no");
      return {};
    });
    ends.push_back(std::to_string(id) + (done                                       ? " stands"
                                         : done.error().code == ErrorCode::conflict ? " no"
                                                                                    : " failed"));
  };
  tasks.spawn(run(1, false));
  tasks.spawn(run(2, true));
  tasks.spawn(run(3, false));
  tasks.spawn(run(4, false));
  clock_.run_ready();
  EXPECT_EQ(ends, (std::vector<std::string>{"1 stands", "2 no", "3 failed", "4 stands"}));
  EXPECT_EQ(ids(*database), (std::vector<std::int64_t>{1, 3, 4}));
}

TEST_F(PostgresTest, AStatementThatFailedDoomsItsBodyAlsoWhenThatIsHidden) {
  const auto database = open();
  ASSERT_TRUE(insert(*database, 1));
  const auto hidden = run_task(clock_, database->write([](Transaction& tx) -> Result<> {
    tx.execute(insert_thing, 2, "text", nullptr);
    try {
      const std::int64_t changed = tx.execute(insert_thing, 1, "again", nullptr);
      ADD_FAILURE() << changed;
    } catch (const StoreFailure&) {
    }
    return {};
  }));
  EXPECT_EQ(hidden.error().code, ErrorCode::unavailable);
  EXPECT_EQ(ids(*database), std::vector<std::int64_t>{1});
}

TEST_F(PostgresTest, ALostConnectionIsMadeAgainAndTheBodyRunAgain) {
  const auto database = open();
  int runs = 0;
  const auto done = run_task(clock_, database->write([&runs](Transaction& tx) -> Result<> {
    tx.execute(insert_thing, 1, "text", nullptr);
    if (++runs == 1) tx.query_each(end_session, [](const Row&) {});
    return {};
  }));
  EXPECT_TRUE(done.has_value());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(ids(*database), std::vector<std::int64_t>{1});
}

TEST_F(PostgresTest, IdsGrowAlsoBetweenProcesses) {
  const auto one = open(), other = open();
  std::int64_t last = 0;
  for (int i = 0; i < 6; ++i) {
    const auto taken = *run_task(clock_, (i % 2 ? one : other)->write([](Transaction& tx) -> Result<std::int64_t> {
      return std::max(tx.next_id(Sequence::payment), tx.next_id(Sequence::payment));
    }));
    EXPECT_GT(taken, last);
    last = taken;
  }
}

// Reads and then writes what it has read: without lanes, most of the additions would be lost.
TEST_F(PostgresTest, BodiesOfALaneAreSerialAcrossProcessesAndThreads) {
  constexpr int databases = 2, adders = 8, additions = 25;
  std::vector<std::thread> threads;
  for (int d = 0; d < databases; ++d) {
    threads.emplace_back([this] {
      runtime::Reactor reactor;
      auto database = *PostgresDatabase::open(reactor.clock(), log_,
                                              {.server = {.url = schema_->url()}, .migrations = test_migrations});
      TaskGroup tasks(reactor.clock(), log_, "adders");
      int left = adders;
      const auto add = [&](int which) -> Task<void> {
        for (int i = 0; i < additions; ++i) {
          const Lane lane = which == 0 ? Lane::everything() : Lane::of(MerchantId{7});
          const auto done = co_await database->write(lane, [](Transaction& tx) -> Result<> {
            const auto value = tx.query_one(select_value, id_of, 7).value_or(0);
            tx.execute(set_value, 7, value + 1);
            return {};
          });
          EXPECT_TRUE(done.has_value());
        }
        if (--left == 0) reactor.stop();
      };
      for (int a = 0; a < adders; ++a) tasks.spawn(add(a));
      reactor.run();
      database.reset();
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto database = open();
  EXPECT_EQ(*run_task(clock_, database->read([](Transaction& tx) -> Result<std::int64_t> {
    return *tx.query_one(select_value, id_of, 7);
  })),
            databases * adders * additions);
}

TEST_F(PostgresTest, AServerThatIsNotThereIsSaidSo) {
  const auto opened = PostgresDatabase::open(clock_, log_, {.server = {.url = "postgresql://epay@127.0.0.1:1/epay"}});
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().message.find("127.0.0.1"), std::string::npos) << opened.error().message;
}

// A process that serves the store while a newer one brings the schema up to date, and one that starts then.
TEST_F(PostgresTest, OlderBinariesGoOnWhereTheNewerStepsAreAdditive) {
  const Migration steps[] = {test_migrations[0],
                             test_migrations[1],
                             {3, "processes", "CREATE TABLE processes (id BIGINT NOT NULL PRIMARY KEY);"},
                             {4, "other", "-- needs: all processes stopped\nDROP TABLE counters;"}};
  const auto old = open();
  ASSERT_TRUE(insert(*old, 1));
  const PostgresOptions server{.url = schema_->url()};
  ASSERT_TRUE(migrate(server, std::span(steps).first(3), {}).has_value());
  EXPECT_TRUE(insert(*old, 2));
  EXPECT_TRUE(insert(*open(), 3));

  PostgresSession(server).execute_text("INSERT INTO processes VALUES (1)");
  const auto refused = migrate(server, steps, {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("step 4 (other) needs all processes stopped, and 1 serve"), std::string::npos)
      << refused.error().message;
  EXPECT_TRUE(insert(*open(), 4));
  ASSERT_TRUE(migrate(server, steps, {}, Others::known_to_be_stopped).has_value());
  const auto older = migrate(server, test_migrations, {});
  ASSERT_FALSE(older.has_value());
  EXPECT_NE(older.error().message.find("newer epay (schema 4, step 4 must be known"), std::string::npos)
      << older.error().message;
}

TEST_F(PostgresTest, AStoreFromBeforeStepsSaidWhetherTheyAreAdditiveGoesOn) {
  const PostgresOptions server{.url = schema_->url()};
  ASSERT_TRUE(migrate(server, std::span(test_migrations).first(1), {}).has_value());
  PostgresSession(server).execute_text("ALTER TABLE schema_migrations DROP COLUMN older_may_run");
  ASSERT_TRUE(insert(*open(), 1));
  EXPECT_TRUE(migrate(server, std::span(test_migrations).first(1), {}).has_value());
}

TEST(PostgresDialect, SaysTheSameInItsOwnWords) {
  EXPECT_EQ(to_postgres("CREATE TABLE a (b TEXT NOT NULL, c BLOB) WITHOUT ROWID;"),
            "CREATE TABLE a (b TEXT COLLATE \"C\" NOT NULL, c BYTEA);");
  EXPECT_EQ(to_postgres("-- Only there.\n/*postgresql\nDROP TABLE a;\n*/\n"), "-- Only there.\n\nDROP TABLE a;\n\n");
}

}  // namespace
}  // namespace epay::db
