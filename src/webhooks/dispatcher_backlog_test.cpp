// What is in the store and not in memory: left by an earlier process, or more than a window holds.
#include <gtest/gtest.h>

#include <map>

#include "simulation/dispatching.h"
#include "simulation/slow_store.h"

namespace epay::webhooks {
namespace {

using simulation::Dispatching;
using simulation::Received;
using simulation::SlowStore;

class Backlogs : public Dispatching, public testing::WithParamInterface<int> {
 protected:
  // How often each event was received.
  std::map<std::string, int> times_received() const {
    std::map<std::string, int> times;
    for (const Received& got : received) ++times[got.id];
    return times;
  }
  void expect_all_delivered_once(Scope scope) {
    const auto all = deliveries(scope);
    const auto times = times_received();
    EXPECT_EQ(times.size(), all.size());
    for (const auto& [id, count] : times) EXPECT_EQ(count, 1) << id;
    for (const auto& delivery : all) EXPECT_EQ(delivery.status, events::DeliveryStatus::delivered);
  }

  SlowStore slow{store.clock, store.log, *store.database};
};

TEST_P(Backlogs, OfAnEarlierProcessIsSentThoughTheEndpointIsBusy) {
  receive_at(1);
  answers_after = milliseconds(200);  // so that something is always in flight
  const Scope scope = store.merchant();
  record(scope, GetParam());
  const auto fresh = record(scope);
  const auto dispatcher = make_over(slow, members);
  dispatcher->publish(fresh);  // in flight before the first look into the store has its answer
  tasks.spawn(keep_recording(slow, *dispatcher, scope, milliseconds(50), store.clock.ticks() + seconds(40)));
  store.clock.run_for(seconds(35));
  const Timestamp now = store.clock.now();
  for (const auto& delivery : deliveries(scope)) {
    if (delivery.status == events::DeliveryStatus::waiting) EXPECT_GT(*delivery.due_at + seconds(1), now);
  }
  store.clock.run_for(seconds(10));
  expect_all_delivered_once(scope);
}

TEST_P(Backlogs, DrainWhileNewEventsAreCommittedAndNoneIsForgotten) {
  receive_at(1);
  answers_after = milliseconds(3);
  const Scope scope = store.merchant();
  record(scope, GetParam());
  DispatcherOptions options;
  options.window_max = 8;
  const auto dispatcher = make_over(slow, members, options);
  tasks.spawn(keep_recording(slow, *dispatcher, scope, milliseconds(2), store.clock.ticks() + seconds(2)));
  store.clock.run_for(seconds(5));  // sooner than the next look into the store
  expect_all_delivered_once(scope);
}

TEST_P(Backlogs, DrainWhileTriesFailAndNoneIsForgotten) {
  answers_after = milliseconds(3);
  std::vector<int> every_other_fails;
  for (int i = 0; i < 1'000; ++i) every_other_fails.push_back(i % 2 == 0 ? 500 : 200);
  receive_at(1, every_other_fails);
  const Scope scope = store.merchant();
  record(scope, GetParam());
  DispatcherOptions options;
  options.window_max = 8;
  options.schedule = RetrySchedule(std::vector<microseconds>(100, milliseconds(4)));
  const auto dispatcher = make_over(slow, members, options);
  store.clock.run_for(seconds(5));  // sooner than the next look into the store
  std::size_t tries = 0;
  for (const auto& delivery : deliveries(scope)) {
    EXPECT_EQ(delivery.status, events::DeliveryStatus::delivered);
    tries += std::size_t(delivery.tries);
  }
  EXPECT_EQ(received.size(), tries);
}

INSTANTIATE_TEST_SUITE_P(All, Backlogs, testing::Values(18, 19, 40));

}  // namespace
}  // namespace epay::webhooks
