#include "runtime/password_hasher.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "runtime/reactor.h"
#include "runtime/task_group.h"
#include "simulation/run_task.h"
#include "simulation/sim_clock.h"
#include "simulation/sim_random.h"

namespace epay::runtime {
namespace {

using simulation::run_task;

constexpr PasswordCost cheap{.passes = 1, .memory_bytes = 8 * 1024};

TEST(PasswordHasher, InlineItIsTheSameInEveryRun) {
  simulation::SimClock clock;
  std::vector<std::string> hashes;
  for (int run = 0; run < 2; ++run) {
    simulation::SimRandom random(7);
    PasswordHasher hasher(clock, random, {PasswordHasher::Threading::inline_steps, cheap});
    const auto hash = run_task(clock, hasher.hash(Secret("correct horse")));
    ASSERT_TRUE(hash.has_value());
    EXPECT_EQ(run_task(clock, hasher.matches(Secret("correct horse"), *hash)), true);
    EXPECT_EQ(run_task(clock, hasher.matches(Secret("Correct horse"), *hash)), false);
    EXPECT_EQ(run_task(clock, hasher.matches(Secret("correct horse"), "")), false);
    hashes.push_back(*hash);
  }
  EXPECT_EQ(hashes[0], hashes[1]);
}

struct Outcome {
  int matched = 0;
  int turned_away = 0;
};

Task<void> check(PasswordHasher& hasher, std::string hash, Outcome& outcome, std::size_t all, Reactor& reactor) {
  const auto matched = co_await hasher.matches(Secret("correct horse"), std::move(hash));
  if (matched && *matched) ++outcome.matched;
  if (!matched && matched.error().code == ErrorCode::unavailable) ++outcome.turned_away;
  if (std::size_t(outcome.matched + outcome.turned_away) == all) reactor.stop();
}

// A queue that is too long turns away at once; what is in it is answered in full.
TEST(PasswordHasher, ItsThreadAnswersWhoWaitsAndTurnsTheRestAway) {
  Reactor reactor;
  SystemRandom random;
  Log log(LogLevel::error, [] { return Timestamp{}; }, [](LogLevel, std::string_view) {});
  PasswordHasher hasher(reactor.clock(), random, {PasswordHasher::Threading::own_thread, cheap});
  const std::string hash = password_hash(Secret("correct horse"), std::string(password_salt_bytes, 's'), {2, 1 << 20});
  constexpr std::size_t all = PasswordHasher::waiting_max * 2;
  Outcome outcome;
  TaskGroup tasks(reactor.clock(), log, "test");
  for (std::size_t i = 0; i < all; ++i) tasks.spawn(check(hasher, hash, outcome, all, reactor));
  reactor.run();
  EXPECT_GE(outcome.matched, int(PasswordHasher::waiting_max));
  EXPECT_GT(outcome.turned_away, 0);
  EXPECT_EQ(std::size_t(outcome.matched + outcome.turned_away), all);
}

TEST(PasswordHasher, WhoGoesAwayIsNotResumed) {
  Reactor reactor;
  SystemRandom random;
  Log log(LogLevel::error, [] { return Timestamp{}; }, [](LogLevel, std::string_view) {});
  Outcome outcome;
  PasswordHasher hasher(reactor.clock(), random, {PasswordHasher::Threading::own_thread, cheap});
  {
    TaskGroup tasks(reactor.clock(), log, "test");
    for (int i = 0; i < 8; ++i) tasks.spawn(check(hasher, "no hash", outcome, 1, reactor));
  }
  EXPECT_EQ(outcome.matched + outcome.turned_away, 0);
}

}  // namespace
}  // namespace epay::runtime
