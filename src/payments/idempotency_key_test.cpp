#include "payments/idempotency_key.h"

#include <gtest/gtest.h>

#include "db/sqlite_connection.h"

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

}  // namespace
}  // namespace epay::payments
