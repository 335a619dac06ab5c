#include "payments/bulk_payout.h"

#include <gtest/gtest.h>

#include "simulation/memory_store.h"

namespace epay::payments {
namespace {

using simulation::MemoryStore;

class BulkPayouts : public testing::Test {
 protected:
  template <class Body>
  auto write(Body body) {
    return store.write(std::move(body));
  }
  BulkKey file(int lines, int wrong = 0) {
    const auto key = *write([&](db::Transaction& tx) -> Result<BulkKey> {
      const BulkKey made = create_bulk(tx, scope, "January", Currency::ghs(), store.clock.now()).key;
      std::vector<BulkLine> all;
      for (int i = 1; i <= lines; ++i) {
        BulkLine line{.number = i, .reference = bulk_reference(made, i), .amount_minor = 100, .description = "x"};
        line.payee = {Method::momo, "0241234567", "mtn"};
        if (i <= wrong) line.problem = "no";
        all.push_back(std::move(line));
      }
      add_bulk_lines(tx, made, std::move(all));
      return made;
    });
    EXPECT_TRUE(write([&](db::Transaction& tx) { return finish_reading(tx, key, store.clock.now()); }));
    return key;
  }
  BulkPayout find(const BulkKey& key) {
    return *write([&](db::Transaction& tx) { return find_bulk(tx, key); });
  }
  Result<BulkPayout> start(const BulkKey& key) {
    return write([&](db::Transaction& tx) { return start_bulk(tx, key, store.clock.now()); });
  }
  std::vector<BulkLine> left(const BulkKey& key, int limit = 100) {
    return *write(
        [&](db::Transaction& tx) -> Result<std::vector<BulkLine>> { return next_bulk_lines(tx, key, limit); });
  }
  void record(const BulkKey& key, BulkLine line) {
    write([&](db::Transaction& tx) -> Result<> {
      record_bulk_line(tx, key, line, store.clock.now());
      return {};
    });
  }
  void end(const BulkKey& key, std::optional<std::string> because = {}) {
    write([&](db::Transaction& tx) -> Result<> {
      end_bulk(tx, key, because, store.clock.now());
      return {};
    });
  }

  MemoryStore store;
  Scope scope = store.merchant();
};

TEST_F(BulkPayouts, WhatIsWrongIsCountedAndNotSent) {
  const BulkKey key = file(5, 2);
  const BulkPayout bulk = find(key);
  EXPECT_EQ(bulk.status, BulkStatus::ready);
  EXPECT_EQ(bulk.lines, 5);
  EXPECT_EQ(bulk.wrong, 2);
  EXPECT_EQ(bulk.total_minor, 300);
  ASSERT_EQ(left(key).size(), 3u);
  EXPECT_EQ(left(key, 1).front().number, 3);
}

TEST_F(BulkPayouts, ALineIsRecordedOnce) {
  const BulkKey key = file(2);
  ASSERT_TRUE(start(key));
  BulkLine first = left(key).front();
  first.payment = PaymentId{7};
  record(key, first);
  first.payment = PaymentId{8};
  record(key, first);
  EXPECT_EQ(find(key).sent, 1);
  const auto lines =
      *write([&](db::Transaction& tx) -> Result<std::vector<BulkLine>> { return bulk_lines_from(tx, key, 1, 10); });
  EXPECT_EQ(lines.front().payment, PaymentId{7});
  BulkLine second = left(key).front();
  EXPECT_EQ(second.number, 2);
  second.failure = "no rail";
  record(key, second);
  EXPECT_EQ(find(key).refused, 1);
  EXPECT_TRUE(left(key).empty());
}

TEST_F(BulkPayouts, AFileIsBegunOnceAndGoesOnWhereItStopped) {
  const BulkKey key = file(2);
  const auto running = [&] {
    return *write([](db::Transaction& tx) -> Result<std::vector<BulkKey>> { return running_bulks(tx, 10); });
  };
  EXPECT_TRUE(running().empty());
  ASSERT_TRUE(start(key));
  EXPECT_EQ(start(key).error().code, ErrorCode::conflict);
  EXPECT_EQ(running(), std::vector<BulkKey>{key});
  end(key, "not covered");
  EXPECT_EQ(find(key).status, BulkStatus::stopped);
  EXPECT_EQ(find(key).stopped_because, "not covered");
  ASSERT_TRUE(start(key));
  end(key);
  EXPECT_EQ(find(key).status, BulkStatus::done);
  end(key, "late");
  EXPECT_EQ(find(key).status, BulkStatus::done);
  EXPECT_EQ(start(key).error().code, ErrorCode::conflict);
}

TEST_F(BulkPayouts, NothingToSendIsNotBegun) {
  EXPECT_EQ(start(file(2, 2)).error().code, ErrorCode::conflict);
  const BulkKey key = file(1);
  EXPECT_TRUE(write([&](db::Transaction& tx) { return discard_bulk(tx, key, store.clock.now()); }));
  EXPECT_EQ(start(key).error().code, ErrorCode::conflict);
  const BulkKey elses{store.merchant(), key.id};
  EXPECT_EQ(start(elses).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace epay::payments
