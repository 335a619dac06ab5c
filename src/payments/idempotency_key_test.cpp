#include "payments/idempotency_key.h"

#include <gtest/gtest.h>

#include "db/sqlite_connection.h"
#include "merchants/access_token.h"
#include "simulation/memory_store.h"

namespace epay::payments {
namespace {

constexpr MerchantId merchant{1};
constexpr Timestamp recorded{1'700'000'000'000'000};

struct Row {
  const char* what;
  microseconds asked_after;    // the record, by the wall clock, which may have been set back
  microseconds process_began;  // before (negative) or after it
  bool in_progress;
};

const Row rows[] = {
    {"at once", seconds(0), hours(-1), true},
    {"within the time that work takes", seconds(60), hours(-1), true},
    {"after it", seconds(61), hours(-1), false},
    {"by a process that began later", seconds(1), seconds(1), false},
    {"on another machine, whose clock is a little behind", seconds(-2), hours(-1), true},
    {"by a process that began after the clock was set back", hours(-2), hours(-2), false},
};

TEST(IdempotencyKey, AnUnansweredRequestBlocksOnlyWhileSomebodyMayBeAtIt) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    auto store = *db::SqliteConnection::open(":memory:", db::SqliteConnection::Access::read_write, seconds(5));
    ASSERT_TRUE(store->migrate(db::embedded_migrations(), recorded));
    const KeyClaim claim{"key", sha256("request"), recorded + row.process_began};
    record_key(*store, merchant, claim, recorded);
    const auto found = find_key(*store, merchant, claim, recorded + row.asked_after);
    EXPECT_EQ(found.has_value(), !row.in_progress);
    if (!found) EXPECT_EQ(found.error().code, ErrorCode::in_progress);
  }
}

TEST(OldRows, KeysAndTokensAreDeletedAFewAtATimeAndNoOthers) {
  simulation::MemoryStore old;
  const Scope scope = old.merchant();
  const Timestamp now = old.clock.now();
  const Timestamp later = now + idempotency_key_life + seconds(1);
  const auto deleted = old.write([&](db::Transaction& tx) -> Result<std::vector<std::int64_t>> {
    for (int i = 0; i < 5; ++i) record_key(tx, scope.merchant, {"old" + std::to_string(i), sha256("body"), {}}, now);
    record_key(tx, scope.merchant, {"new", sha256("body"), {}}, later);
    for (int i = 0; i < 3; ++i) merchants::grant_token(tx, {{1}, scope}, "1xtoken" + std::to_string(i), now);
    merchants::grant_token(tx, {{1}, scope}, "1xnew", later);
    return std::vector{delete_old_keys(tx, later, 3),
                       delete_old_keys(tx, later, 3),
                       delete_old_keys(tx, later, 3),
                       merchants::delete_expired_tokens(tx, later, 2),
                       merchants::delete_expired_tokens(tx, later, 2),
                       merchants::delete_expired_tokens(tx, later, 2)};
  });
  EXPECT_EQ(*deleted, (std::vector<std::int64_t>{3, 2, 0, 2, 1, 0}));
}

}  // namespace
}  // namespace epay::payments
