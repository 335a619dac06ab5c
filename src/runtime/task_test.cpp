#include "runtime/task.h"

#include <gtest/gtest.h>

#include "runtime/deadline_wheel.h"
#include "runtime/task_group.h"
#include "simulation/run_task.h"
#include "simulation/sim_random.h"

namespace epay::runtime {
namespace {

using simulation::run_task;

Task<int> add(Clock& clock, int a, int b) {
  co_await clock.sleep(seconds(1));
  co_return a + b;
}
Task<int> at_once(int value) { co_return value; }
Task<int> fail_with(std::string what) {
  throw std::runtime_error(what);
  co_return 0;
}
Task<int> sum_of_many(int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) sum += co_await at_once(1);
  co_return sum;
}

TEST(Task, GivesItsResultOrItsException) {
  simulation::SimClock clock;
  EXPECT_EQ(run_task(clock, add(clock, 1, 2)), 3);
  EXPECT_EQ(clock.ticks(), (Ticks{1} + seconds(1)));
  EXPECT_THROW(run_task(clock, fail_with("x")), std::runtime_error);
  EXPECT_EQ(run_task(clock, sum_of_many(1'000'000)), 1'000'000);  // the stack does not grow
}

Task<void> note_after(Clock& clock, microseconds delay, std::vector<int>& notes, int note) {
  co_await clock.sleep(delay);
  notes.push_back(note);
}

TEST(TaskGroup, RunsItsTasksAndWaitsForThem) {
  simulation::SimClock clock;
  std::vector<std::string> logged;
  Log log(
      LogLevel::info, [&] { return clock.now(); }, [&](LogLevel, std::string_view line) { logged.emplace_back(line); });
  TaskGroup group(clock, log, "test");
  std::vector<int> notes;
  group.spawn(note_after(clock, seconds(2), notes, 2));
  group.spawn(note_after(clock, seconds(1), notes, 1));
  group.spawn([]() -> Task<void> { (void)co_await fail_with("broken"); }());
  EXPECT_EQ(group.size(), 2u);
  ASSERT_EQ(logged.size(), 1u);
  EXPECT_NE(logged[0].find("broken"), std::string::npos);
  run_task(clock, group.wait_empty(clock.ticks() + milliseconds(1500)));
  EXPECT_EQ(group.size(), 1u);
  run_task(clock, group.wait_empty(Ticks::never()));
  EXPECT_EQ(notes, (std::vector<int>{1, 2}));
}

class Alarm final : public Deadline {
 public:
  explicit Alarm(std::vector<Alarm*>& rung) : rung_(rung) {}
  using Deadline::leave;
  Alarm* silences = nullptr;

 private:
  void on_expired() override {
    rung_.push_back(this);
    if (silences) silences->leave();
  }
  std::vector<Alarm*>& rung_;
};

TEST(DeadlineWheel, ExpiresEachDeadlineSoonAfterItsTimeAndNeverBefore) {
  simulation::SimRandom random(7);
  std::vector<Alarm*> rung;
  DeadlineWheel wheel;
  std::vector<std::unique_ptr<Alarm>> alarms;
  std::map<Alarm*, Ticks> due_of;
  Ticks now{123'456'789};
  for (int i = 0; i < 300; ++i) {
    alarms.push_back(std::make_unique<Alarm>(rung));
    due_of[alarms.back().get()] = now + microseconds(random.below(90'000'000));
    wheel.add(*alarms.back(), due_of[alarms.back().get()]);
  }
  while (wheel.size() > 0) {
    rung.clear();
    wheel.sweep(now);
    for (Alarm* alarm : rung) {
      EXPECT_GE(now, due_of[alarm]);
      EXPECT_LE(now - due_of[alarm], 2 * DeadlineWheel::granule);
      due_of.erase(alarm);
    }
    now = now + DeadlineWheel::granule;
  }
  EXPECT_TRUE(due_of.empty());
}

TEST(DeadlineWheel, LetsDeadlinesLeave) {
  std::vector<Alarm*> rung;
  DeadlineWheel wheel;
  Alarm a(rung), b(rung), never(rung);
  wheel.add(a, Ticks{60'000'000});
  wheel.add(b, Ticks{60'000'000});
  wheel.add(never, Ticks::never());
  EXPECT_EQ(wheel.size(), 2u);
  a.silences = &b;
  b.silences = &a;
  wheel.sweep(Ticks{70'000'000});  // the first to ring silences the other, in the middle of the sweep
  EXPECT_EQ(rung.size(), 1u);
  EXPECT_EQ(wheel.size(), 0u);
  wheel.add(a, Ticks{1});  // overdue
  wheel.sweep(Ticks{70'100'000});
  EXPECT_EQ(rung.size(), 2u);
}

}  // namespace
}  // namespace epay::runtime
