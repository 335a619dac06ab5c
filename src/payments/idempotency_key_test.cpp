#include "payments/idempotency_key.h"

#include <gtest/gtest.h>

#include "db/sqlite_connection.h"
#include "merchants/access_token.h"
#include "processes/process.h"
#include "simulation/memory_store.h"

namespace epay::payments {
namespace {

constexpr MerchantId merchant{1};
constexpr Timestamp recorded{1'700'000'000'000'000};

enum class Who { the_same, nobody, alive, dead };

struct Row {
  const char* what;
  microseconds asked_after;  // the record, by the wall clock, which may have been set back
  Who owner;
  bool in_progress;
};

const Row rows[] = {
    {"by a process that is alive", seconds(0), Who::alive, true},
    {"within the time that work takes", seconds(60), Who::alive, true},
    {"after it", seconds(61), Who::alive, false},
    {"by one whose clock is a little ahead", seconds(-2), Who::alive, true},
    {"by one whose clock was set back since", hours(-2), Who::alive, false},
    {"by one that is dead", seconds(0), Who::dead, false},
    {"by nobody", seconds(0), Who::nobody, false},
    {"by this one, which has ended with it", seconds(0), Who::the_same, false},
};

TEST(IdempotencyKey, AnUnansweredRequestBlocksOnlyWhileSomebodyMayBeAtIt) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    auto store = *db::SqliteConnection::open(":memory:", db::SqliteConnection::Access::read_write, seconds(5));
    ASSERT_TRUE(store->migrate(db::embedded_migrations(), recorded));
    const ProcessId own = processes::join(*store, {}, "own", recorded).id;
    const ProcessId other = processes::join(*store, {}, "other", recorded).id;
    if (row.owner != Who::nobody) store->set_process(row.owner == Who::the_same ? own : other);
    const KeyClaim claim{"key", sha256("request")};
    record_key(*store, merchant, claim, recorded);
    store->set_process(own);
    if (row.owner == Who::dead) processes::leave(*store, other);
    const auto found = find_key(*store, merchant, claim, recorded + row.asked_after);
    EXPECT_EQ(found.has_value(), !row.in_progress);
    if (!found) {
      EXPECT_EQ(found.error().code, ErrorCode::in_progress);
      continue;
    }
    // Whoever goes on with it keeps a third one out.
    take_over_key(*store, merchant, claim, **found);
    store->set_process(other);
    const Timestamp asked = recorded + row.asked_after;
    const bool in_time = asked <= recorded + seconds(60) && recorded <= asked + seconds(60);
    EXPECT_EQ(find_key(*store, merchant, claim, asked).has_value(), !in_time);
  }
}

TEST(OldRows, KeysAndTokensAreDeletedAFewAtATimeAndNoOthers) {
  simulation::MemoryStore old;
  const Scope scope = old.merchant();
  const Timestamp now = old.clock.now();
  const Timestamp later = now + idempotency_key_life + seconds(1);
  const auto deleted = old.write([&](db::Transaction& tx) -> Result<std::vector<std::int64_t>> {
    for (int i = 0; i < 5; ++i) record_key(tx, scope.merchant, {"old" + std::to_string(i), sha256("body")}, now);
    record_key(tx, scope.merchant, {"new", sha256("body")}, later);
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
