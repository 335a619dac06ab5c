// Bodies beside each other in one transaction, on the real server that EPAY_TEST_POSTGRES names.
#include "db/postgres_strands.h"

#include <gtest/gtest.h>

#include "db/postgres_database.h"
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
    {1, "first",
     "CREATE TABLE accounts (merchant_id BIGINT NOT NULL, name TEXT NOT NULL, held BIGINT NOT NULL, "
     "PRIMARY KEY (merchant_id, name)) WITHOUT ROWID;"
     "CREATE TABLE entries (merchant_id BIGINT NOT NULL, id BIGINT NOT NULL, note TEXT, "
     "PRIMARY KEY (merchant_id, id)) WITHOUT ROWID;"
     "CREATE TABLE odd (merchant_id BIGINT NOT NULL PRIMARY KEY, number_of_set BIGINT NOT NULL) WITHOUT ROWID;"},
};
constexpr Sql add{
    "INSERT INTO accounts (merchant_id, name, held) VALUES ($1, $2, $3) "
    "ON CONFLICT (merchant_id, name) DO UPDATE SET held = accounts.held + excluded.held RETURNING held"};
constexpr Sql take{"UPDATE accounts SET held = held - $3 WHERE merchant_id = $1 AND name = $2 AND held >= $3"};
constexpr Sql select_held{"SELECT held FROM accounts WHERE merchant_id = $1 AND name = $2"};
constexpr Sql insert_entry{"INSERT INTO entries (merchant_id, id, note) VALUES ($1, $2, $3)"};
constexpr Sql insert_if_new{"INSERT INTO entries (merchant_id, id, note) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"};
constexpr Sql select_notes{"SELECT id, note FROM entries WHERE merchant_id = $1 ORDER BY id DESC"};
constexpr Sql count_entries{"SELECT count(*) FROM entries"};
// As a set it names two columns at once.
constexpr Sql update_odd{
    "UPDATE odd SET number_of_set = number_of_set + $2 WHERE merchant_id = $1 AND number_of_set > 0"};

std::int64_t number(const Row& row) { return row.integer(0); }

class PostgresStrandsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!TestSchema::there()) GTEST_SKIP() << "EPAY_TEST_POSTGRES names no server";
    schema_.emplace();
    database_ = *PostgresDatabase::open(
        clock_, log_,
        {.server = {.url = schema_->url()}, .threading = Threading::inline_steps, .migrations = test_migrations});
  }
  // Queues a body, for one in the lane of its merchant.
  template <class Body>
  void spawn(std::int64_t merchant, Body body) {
    spawn(Lane::of(MerchantId{merchant}), std::move(body));
  }
  template <class Body>
  void spawn(Lane lane, Body body) {
    tasks_.spawn(write(lane, std::move(body)));
  }
  // Runs what is queued, as one batch.
  std::vector<std::string> run() {
    clock_.run_ready();
    return std::exchange(ends_, {});
  }
  std::int64_t held(std::int64_t merchant) {
    return *run_task(clock_, database_->read([merchant](Transaction& tx) -> Result<std::int64_t> {
      return tx.query_one(select_held, number, merchant, "cash").value_or(-1);
    }));
  }
  std::int64_t entries() {
    return *run_task(clock_, database_->read([](Transaction& tx) -> Result<std::int64_t> {
      return *tx.query_one(count_entries, number);
    }));
  }

  template <class Body>
  Task<void> write(Lane lane, Body body) {
    const auto done = co_await database_->write(lane, std::move(body));
    ends_.push_back(done ? "done" : done.error().message);
  }

  std::optional<TestSchema> schema_;
  SimClock clock_;
  Log log_{LogLevel::error, [] { return Timestamp{}; }, [](LogLevel, std::string_view) {}};
  std::unique_ptr<PostgresDatabase> database_;
  std::vector<std::string> ends_;
  TaskGroup tasks_{clock_, log_, "test"};
};

// Twice, since a statement's types are only known after its first trip.
TEST_F(PostgresStrandsTest, EachBodyHasItsOwnAnswers) {
  for (int round = 1; round <= 3; ++round) {
    for (std::int64_t merchant = 1; merchant <= 20; ++merchant) {
      spawn(merchant, [merchant, round](Transaction& tx) -> Result<> {
        EXPECT_EQ(tx.query_one(add, number, merchant, "cash", merchant), merchant * round);
        auto later = tx.ask_one(select_held, number, merchant, "cash");
        const Changes taken = tx.execute(take, merchant, "cash", merchant % 2 == 0 ? 1 : 1'000'000);
        const std::int64_t id = tx.next_id(Sequence::payment);
        const Changes inserted = tx.execute(insert_entry, merchant, id, "note " + std::to_string(merchant));
        EXPECT_EQ(later.get(), merchant * round);
        EXPECT_EQ(std::int64_t(taken), merchant % 2 == 0 ? 1 : 0);
        EXPECT_EQ(std::int64_t(inserted), 1);
        // Put back what was taken.
        if (merchant % 2 == 0) tx.query_each(add, [](const Row&) {}, merchant, "cash", 1);
        const auto notes = tx.query_all(
            select_notes, [](const Row& row) { return std::pair(row.integer(0), row.string(1)); }, merchant);
        EXPECT_EQ(notes.size(), std::size_t(round));
        EXPECT_EQ(notes.front(), std::pair(id, "note " + std::to_string(merchant)));
        return {};
      });
    }
    EXPECT_EQ(run(), std::vector<std::string>(20, "done"));
  }
  for (std::int64_t merchant = 1; merchant <= 20; ++merchant) EXPECT_EQ(held(merchant), 3 * merchant);
}

TEST_F(PostgresStrandsTest, BodiesOfAMerchantFollowEachOther) {
  for (int round = 0; round < 2; ++round) {
    std::vector<std::int64_t> seen;
    for (int i = 0; i < 10; ++i) {
      spawn(i % 2 == 0 ? 7 : 100 + i, [i, &seen](Transaction& tx) -> Result<> {
        const std::int64_t merchant = i % 2 == 0 ? 7 : 100 + i;
        // Reads, and writes what it has read.
        const auto there = tx.query_one(select_held, number, merchant, "cash").value_or(0);
        tx.query_each(add, [](const Row&) {}, merchant, "cash", 1);
        if (merchant == 7) seen.push_back(there);
        return {};
      });
    }
    EXPECT_EQ(run(), std::vector<std::string>(10, "done"));
    const std::int64_t from = round * 5;
    EXPECT_EQ(seen, (std::vector<std::int64_t>{from, from + 1, from + 2, from + 3, from + 4}));
  }
}

TEST_F(PostgresStrandsTest, OneThatAnswersAnErrorIsUndoneAlone) {
  for (int round = 0; round < 2; ++round) {
    for (std::int64_t merchant = 1; merchant <= 8; ++merchant) {
      spawn(merchant, [merchant](Transaction& tx) -> Result<> {
        tx.query_each(add, [](const Row&) {}, merchant, "cash", 10);
        tx.execute(insert_entry, merchant, tx.next_id(Sequence::payment), nullptr);
        if (merchant == 3) return fail(ErrorCode::conflict, "no");
        tx.query_each(select_held, [](const Row&) {}, merchant, "cash");
        return {};
      });
    }
    EXPECT_EQ(std::ranges::count(run(), "no"), 1);
  }
  EXPECT_EQ(held(3), -1);
  EXPECT_EQ(held(4), 20);
  EXPECT_EQ(entries(), 14);
}

// Of a set in which some are there already nobody can tell which: then each is asked for alone.
TEST_F(PostgresStrandsTest, EachHearsWhetherItsRowIsNew) {
  std::vector<std::int64_t> inserted(10, -1);
  for (int round = 0; round < 3; ++round) {
    for (std::int64_t merchant = 0; merchant < 10; ++merchant) {
      spawn(merchant + 1, [merchant, round, &inserted](Transaction& tx) -> Result<> {
        inserted[std::size_t(merchant)] = tx.execute(insert_if_new, merchant + 1, merchant % 2 == 0 ? round : 0, "n");
        return {};
      });
    }
    EXPECT_EQ(run(), std::vector<std::string>(10, "done"));
    for (std::size_t merchant = 0; merchant < 10; ++merchant) {
      EXPECT_EQ(inserted[merchant], merchant % 2 == 0 || round == 0 ? 1 : 0) << round << " " << merchant;
    }
  }
  EXPECT_EQ(entries(), 5 * 3 + 5);
}

TEST_F(PostgresStrandsTest, AStatementThatFailsFailsItsBodyAlone) {
  for (int round = 0; round < 2; ++round) {
    for (std::int64_t merchant = 1; merchant <= 6; ++merchant) {
      spawn(merchant, [merchant, round](Transaction& tx) -> Result<> {
        // The second round, number 2 takes an id that it has; nobody looks at the count.
        tx.execute(insert_entry, merchant, merchant == 2 ? 1 : round, "n");
        return {};
      });
    }
    const auto ends = run();
    EXPECT_EQ(std::ranges::count(ends, "done"), round == 0 ? 6 : 5);
  }
  EXPECT_EQ(entries(), 11);
}

TEST_F(PostgresStrandsTest, ABodyThatThrowsTakesNobodyWithIt) {
  for (std::int64_t merchant = 1; merchant <= 4; ++merchant) {
    spawn(merchant, [merchant](Transaction& tx) -> Result<> {
      tx.query_each(add, [](const Row&) {}, merchant, "cash", 1);
      if (merchant == 2) throw std::runtime_error("a mistake of ours");
      return {};
    });
  }
  EXPECT_EQ(std::ranges::count(run(), "done"), 3);
  EXPECT_EQ(held(1), 1);
  EXPECT_EQ(held(2), -1);
}

TEST_F(PostgresStrandsTest, ASetThatTheServerRefusesIsAskedForOneByOne) {
  for (int round = 0; round < 3; ++round) {
    for (std::int64_t merchant = 1; merchant <= 4; ++merchant) {
      spawn(merchant, [merchant](Transaction& tx) -> Result<> {
        tx.query_each(add, [](const Row&) {}, merchant, "cash", 1);
        EXPECT_EQ(std::int64_t(tx.execute(update_odd, merchant, 1)), 0);
        return {};
      });
    }
    EXPECT_EQ(run(), std::vector<std::string>(4, "done")) << round;
    EXPECT_EQ(held(2), round + 1);
  }
}

TEST_F(PostgresStrandsTest, AnUnorderedBodyGoesBesideTheOthers) {
  for (int round = 0; round < 2; ++round) {
    for (std::int64_t i = 0; i < 6; ++i) {
      spawn(Lane::unordered(), [i](Transaction& tx) -> Result<> {
        tx.query_each(add, [](const Row&) {}, 1, "cash", i);  // all of one row: never in one statement
        return {};
      });
    }
    EXPECT_EQ(run(), std::vector<std::string>(6, "done"));
  }
  EXPECT_EQ(held(1), 2 * (1 + 2 + 3 + 4 + 5));
}

}  // namespace
}  // namespace epay::db
