#include "runtime/work_thread.h"

#include <gtest/gtest.h>

#include <latch>
#include <new>
#include <string>
#include <thread>

#include "runtime/reactor.h"
#include "runtime/task_group.h"
#include "simulation/run_task.h"

namespace epay::runtime {
namespace {

using Answer = Result<std::string>;

class World {
 public:
  void start(Task<Answer> task) {
    answers.emplace_back();
    group.spawn(keep(std::move(task), answers.size() - 1));
  }
  void wait_for_all() {
    while (answered < answers.size()) reactor.run();
  }
  Task<void> keep(Task<Answer> task, std::size_t place) {
    Answer answer = co_await std::move(task);
    answers[place] = answer ? *answer : answer.error().message;
    EXPECT_EQ(std::this_thread::get_id(), reactor_thread);
    ++answered;
    reactor.stop();
  }

  Reactor reactor;
  Log log{LogLevel::warning, [this] { return reactor.clock().now(); },
          [](LogLevel, std::string_view line) { ADD_FAILURE() << line; }};
  std::thread::id reactor_thread = std::this_thread::get_id();
  std::vector<std::string> answers;
  std::size_t answered = 0;
  TaskGroup group{reactor.clock(), log, "test"};
};

TEST(WorkThread, WorksElsewhereAndAnswersOnTheReactor) {
  World world;
  WorkThread thread(world.reactor.clock(), {});
  for (int i = 0; i < 3; ++i) {
    world.start(thread.run([i, reactor_thread = world.reactor_thread]() -> Answer {
      EXPECT_NE(std::this_thread::get_id(), reactor_thread);
      return std::to_string(i);
    }));
  }
  world.start(thread.run([]() -> Answer { return fail(ErrorCode::invalid, "no good"); }));
  world.start(thread.run([]() -> Answer { throw std::bad_alloc(); }));
  world.start(thread.run([]() -> Answer { return "still here"; }));
  world.wait_for_all();
  EXPECT_EQ(world.answers,
            (std::vector<std::string>{"0", "1", "2", "no good", "Too much is being done at once; try again in a moment",
                                      "still here"}));
}

TEST(WorkThread, TurnsAwayWhoComesWhenTooManyWait) {
  World world;
  std::latch begun(1), go_on(1);
  WorkThread thread(world.reactor.clock(), {.waiting_max = 2});
  world.start(thread.run([&]() -> Answer {
    begun.count_down();
    go_on.wait();
    return "first";
  }));
  begun.wait();
  for (int i = 0; i < 3; ++i) world.start(thread.run([]() -> Answer { return "later"; }));
  EXPECT_EQ(world.answered, 1u) << "the third is turned away at once";
  go_on.count_down();
  world.wait_for_all();
  EXPECT_EQ(world.answers, (std::vector<std::string>{"first", "later", "later",
                                                     "Too much is being done at once; try again in a moment"}));
}

TEST(WorkThread, MayGoWhileSomebodyWaits) {
  World world;
  std::latch begun(1);
  {
    WorkThread thread(world.reactor.clock(), {});
    world.start(thread.run([&]() -> Answer {
      begun.count_down();
      return "nobody hears it";
    }));
    world.start(thread.run([]() -> Answer { return "never"; }));
    begun.wait();
  }
  // Its answer may have been posted before; the second never comes.
  EXPECT_LE(world.answered, 1u);
}

TEST(WorkThread, AWaiterMayGoWhileItsWorkIsDone) {
  World world;
  std::latch begun(1), go_on(1);
  WorkThread thread(world.reactor.clock(), {});
  {
    TaskGroup group{world.reactor.clock(), world.log, "gone"};
    group.spawn([](WorkThread& works, std::latch& started, std::latch& released) -> Task<void> {
      (void)co_await works.run([&]() -> Answer {
        started.count_down();
        released.wait();
        return "nobody hears it";
      });
      ADD_FAILURE() << "it was resumed";
    }(thread, begun, go_on));
    begun.wait();
  }
  go_on.count_down();
  world.start(thread.run([]() -> Answer { return "the next"; }));
  world.wait_for_all();
  EXPECT_EQ(world.answers, std::vector<std::string>{"the next"});
}

TEST(WorkThread, InlineItWorksInAStepOfItsOwn) {
  simulation::SimClock clock;
  WorkThread thread(clock, {.threading = WorkThread::Threading::inline_steps});
  const auto answer = simulation::run_task(clock, thread.run([]() -> Answer { return "here"; }));
  EXPECT_EQ(*answer, "here");
}

}  // namespace
}  // namespace epay::runtime
