// Against a real server: the one that EPAY_TEST_POSTGRES names. Without it these say that they were skipped.
#include "db/postgres_pieces.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "db/postgres_connection.h"
#include "db/postgres_schema.h"
#include "simulation/test_schema.h"

namespace epay::db {
namespace {

constexpr std::int64_t week = microseconds(piece_length).count();
constexpr std::int64_t by_week = 13;  // the step

constexpr Sql insert_attempt{
    "INSERT INTO delivery_attempts (merchant_id, endpoint_id, event_id, number, started_at, dns_us, connect_us, "
    "first_byte_us, total_us) VALUES (1, 2, $1, 1, $2, 0, 0, 0, 0) ON CONFLICT DO NOTHING"};
constexpr Sql select_events{"SELECT event_id FROM delivery_attempts ORDER BY event_id"};
constexpr Sql select_place{"SELECT CAST(tableoid AS regclass)::text FROM delivery_attempts WHERE event_id = $1"};
constexpr Sql count_pieces{"SELECT count(*) FROM pg_inherits WHERE inhparent = CAST('delivery_attempts' AS regclass)"};
constexpr Sql select_now{"SELECT CAST(extract(epoch FROM now()) * 1000000 AS bigint)"};
constexpr Sql explain_insert{
    "EXPLAIN INSERT INTO delivery_attempts (merchant_id, endpoint_id, event_id, number, started_at, dns_us, "
    "connect_us, first_byte_us, total_us) VALUES (1, 2, 3, 1, 5, 0, 0, 0, 0)"};

class Pieces : public testing::Test {
 protected:
  void SetUp() override {
    if (!simulation::TestSchema::there()) GTEST_SKIP() << "EPAY_TEST_POSTGRES names no server";
    schema_.emplace();
    server_.url = schema_->url();
    connection_.emplace(server_, PostgresConnection::Access::read_write);
    bring_to(by_week - 1);
  }
  void bring_to(std::int64_t version) {
    std::vector<Migration> steps;
    for (const Migration& step : embedded_migrations()) {
      if (step.version <= version) steps.push_back(step);
    }
    const auto migrated = migrate(server_, steps, {});
    ASSERT_TRUE(migrated.has_value()) << migrated.error().message;
    connection_->begin({});
    this_week_ = *connection_->query_one(select_now, [](const Row& row) { return row.integer(0); }) / week * week;
    connection_->rollback();
  }
  template <class Body>
  void write(Body body) {
    connection_->begin({});
    body(*connection_);
    ASSERT_EQ(connection_->commit(), Connection::CommitEnd::durable) << connection_->error_message();
  }
  void insert(std::int64_t event, std::int64_t started_at) {
    write([&](Transaction& tx) { tx.execute(insert_attempt, event, started_at); });
  }
  void keep(std::int64_t before, std::int64_t now) {
    write([&](Transaction& tx) { EXPECT_TRUE(tx.keep_pieces(TimedTable::delivery_attempts, {before}, {now})); });
  }
  std::vector<std::int64_t> events() {
    std::vector<std::int64_t> found;
    write([&](Transaction& tx) { found = tx.query_all(select_events, [](const Row& row) { return row.integer(0); }); });
    return found;
  }
  std::string place_of(std::int64_t event) {
    std::string place;
    write([&](Transaction& tx) {
      place = tx.query_one(select_place, [](const Row& row) { return row.string(0); }, event).value_or("nowhere");
    });
    return place.substr(place.find('.') + 1);
  }
  std::int64_t pieces() {
    std::int64_t count = 0;
    write([&](Transaction& tx) { count = *tx.query_one(count_pieces, [](const Row& row) { return row.integer(0); }); });
    return count;
  }
  static std::string name(std::int64_t begin) { return "delivery_attempts_w" + std::to_string(begin / week); }

  std::optional<simulation::TestSchema> schema_;
  PostgresOptions server_;
  std::optional<PostgresConnection> connection_;
  std::int64_t this_week_ = 0;
};

TEST_F(Pieces, WhatWasThereBeforeIsTheFirstPiece) {
  insert(1, 5);
  insert(2, this_week_ + 1);
  bring_to(by_week);
  insert(3, this_week_ + 2);  // by a statement that was prepared for the table as it was
  insert(3, this_week_ + 2);
  EXPECT_EQ(events(), (std::vector<std::int64_t>{1, 2, 3}));
  for (const std::int64_t event : {1, 2, 3}) EXPECT_EQ(place_of(event), "delivery_attempts_before");
}

TEST_F(Pieces, ARowFromTheFutureIsInTheFirstPieceToo) {
  insert(1, this_week_ + 3 * week + 1);
  bring_to(by_week);
  keep(0, this_week_);
  EXPECT_EQ(place_of(1), "delivery_attempts_before");
  insert(2, this_week_ + 4 * week);
  EXPECT_EQ(place_of(2), name(this_week_ + 4 * week));
}

TEST_F(Pieces, AreMadeAheadAndOnlyOnce) {
  bring_to(by_week);
  for (int i = 0; i < 3; ++i) keep(0, this_week_);
  EXPECT_EQ(pieces(), 2 + pieces_ahead);
  for (int i = 1; i <= pieces_ahead; ++i) {
    insert(i, this_week_ + i * week);
    EXPECT_EQ(place_of(i), name(this_week_ + i * week));
    insert(100 + i, this_week_ + (i + 1) * week - 1);
    EXPECT_EQ(place_of(100 + i), name(this_week_ + i * week));
  }
}

TEST_F(Pieces, ARowOfATimeWithoutAPieceWaitsForIt) {
  bring_to(by_week);
  insert(1, this_week_ + 9 * week + 7);
  EXPECT_EQ(place_of(1), "delivery_attempts_default");
  keep(0, this_week_ + 8 * week);
  EXPECT_EQ(place_of(1), name(this_week_ + 9 * week));
  EXPECT_EQ(events(), std::vector<std::int64_t>{1});
}

TEST_F(Pieces, WhatIsOldIsDroppedAndNothingElse) {
  bring_to(by_week);
  insert(1, 5);
  keep(0, this_week_ + week);
  for (int i = 1; i <= 4; ++i) {
    insert(10 * i, this_week_ + i * week);
    insert(10 * i + 1, this_week_ + (i + 1) * week - 1);
  }
  // A piece stays as long as one of its rows may be wanted.
  keep(this_week_ + week - 1, this_week_ + 2 * week);
  EXPECT_EQ(events(), (std::vector<std::int64_t>{1, 10, 11, 20, 21, 30, 31, 40, 41}));
  keep(this_week_ + week, this_week_ + 2 * week);
  EXPECT_EQ(events(), (std::vector<std::int64_t>{10, 11, 20, 21, 30, 31, 40, 41}));
  keep(this_week_ + 3 * week + 5, this_week_ + 4 * week);
  EXPECT_EQ(events(), (std::vector<std::int64_t>{30, 31, 40, 41}));
  // By a clock that was wrong: it has no piece any more.
  insert(2, 6);
  EXPECT_EQ(place_of(2), "delivery_attempts_default");
  keep(this_week_ + 3 * week + 5, this_week_ + 4 * week);
  EXPECT_EQ(events(), (std::vector<std::int64_t>{30, 31, 40, 41}));
}

TEST_F(Pieces, ARowIsWrittenToItsPieceAlone) {
  bring_to(by_week);
  keep(0, this_week_);
  std::vector<std::string> plan;
  write([&](Transaction& tx) { plan = tx.query_all(explain_insert, [](const Row& row) { return row.string(0); }); });
  ASSERT_EQ(plan.size(), 2u) << testing::PrintToString(plan);
  EXPECT_TRUE(plan[0].starts_with("Insert on delivery_attempts ")) << plan[0];
  EXPECT_NE(plan[1].find("Result"), std::string::npos) << plan[1];
}

TEST_F(Pieces, SeveralMayKeepThemAtOnceBesideWriters) {
  insert(1, 5);
  bring_to(by_week);
  keep(0, this_week_);
  constexpr int keepers = 3, writers = 2, rounds = 12, rows = 100;
  std::latch start(keepers + writers);
  std::vector<std::thread> threads;
  for (int k = 0; k < keepers; ++k) {
    threads.emplace_back([&] {
      PostgresConnection connection(server_, PostgresConnection::Access::read_write);
      start.arrive_and_wait();
      for (int i = 1; i <= rounds; ++i) {
        connection.begin({});
        connection.keep_pieces(TimedTable::delivery_attempts, {this_week_ + week}, {this_week_ + i * week});
        EXPECT_EQ(connection.commit(), Connection::CommitEnd::durable) << connection.error_message();
      }
    });
  }
  for (int w = 0; w < writers; ++w) {
    threads.emplace_back([&, w] {
      PostgresConnection connection(server_, PostgresConnection::Access::read_write);
      start.arrive_and_wait();
      for (int i = 0; i < rows; ++i) {
        connection.begin({});
        connection.execute(insert_attempt, 1000 + w * rows + i, this_week_ + (1 + i % pieces_ahead) * week + i);
        EXPECT_EQ(connection.commit(), Connection::CommitEnd::durable) << connection.error_message();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto kept = events();
  ASSERT_EQ(kept.size(), std::size_t(writers * rows));
  EXPECT_EQ(kept.front(), 1000) << "the first piece is over";
  EXPECT_EQ(pieces(), 1 + rounds + pieces_ahead);
}

// Whoever has the table in a statement that does not end is not waited for, and the writers behind it go on.
TEST_F(Pieces, AreMadeLaterWhereSomebodyHasTheTable) {
  bring_to(by_week);
  insert(1, 5);
  PostgresConnection other(server_, PostgresConnection::Access::read_write);
  other.begin({});
  other.execute(insert_attempt, 2, this_week_);
  other.query_each(select_now, [](const Row&) {});
  connection_->begin({});
  EXPECT_THROW(
      connection_->keep_pieces(TimedTable::delivery_attempts, {this_week_ + 2 * week}, {this_week_ + 2 * week}),
      StoreFailure);
  connection_->rollback();
  EXPECT_EQ(other.commit(), Connection::CommitEnd::durable);
  EXPECT_EQ(events(), (std::vector<std::int64_t>{1, 2}));
  keep(this_week_ + 2 * week, this_week_ + 2 * week);
  EXPECT_EQ(events(), std::vector<std::int64_t>{});
}

}  // namespace
}  // namespace epay::db
