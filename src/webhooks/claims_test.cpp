// Several processes send what one store has.
#include <gtest/gtest.h>

#include <algorithm>

#include "simulation/serving_together.h"

namespace epay::webhooks {
namespace {

using events::DeliveryStatus;
using simulation::Received;
using simulation::SharedStore;

// A death is noticed within this, and what the dead have left is looked for at once.
constexpr seconds taken_over_within{15};

class Claims : public simulation::ServingTogether {
 protected:
  void expect_each_once(std::size_t how_many) {
    const auto times = receipts();
    EXPECT_EQ(times.size(), how_many);
    for (const auto& [id, count_of_it] : times) EXPECT_EQ(count_of_it, 1) << id;
  }
};

TEST_F(Claims, WhoeverCommitsAnEventSendsItAtOnce) {
  receive_at(1);
  const Scope scope = store.merchant();
  const auto first = serve();
  const auto second = serve();
  store.clock.run_for(seconds(3));
  for (int i = 0; i < 100; ++i) {
    const Timestamp committed = store.clock.now();
    record_in(i % 2 == 0 ? *first : *second, scope);
    store.clock.run_for(milliseconds(50));
    ASSERT_EQ(received.size(), std::size_t(i) + 1);
    EXPECT_LT(received.back().at - committed, milliseconds(5));
  }
  store.clock.run_for(minutes(5));
  expect_each_once(100);
  EXPECT_EQ(count(scope, DeliveryStatus::delivered), 100u);
}

TEST_F(Claims, WhatADeadProcessHadClaimedIsTakenOver) {
  receive_at(1);
  const Scope scope = store.merchant();
  auto first = serve();
  const auto second = serve();
  store.clock.run_for(seconds(3));
  // Committed, and never handed to its dispatcher.
  for (int i = 0; i < 40; ++i) commit_in(*first, scope);
  kill(first);
  store.clock.run_for(seconds(5));
  EXPECT_TRUE(received.empty()) << "it may still be alive";
  store.clock.run_for(taken_over_within - seconds(5));
  expect_each_once(40);
  store.clock.run_for(minutes(2));
  expect_each_once(40);
}

TEST_F(Claims, RetriesOfADeadProcessAreMadeByAnother) {
  receive_at(1, {500, 500, 500});
  const Scope scope = store.merchant();
  auto first = serve();
  const auto second = serve();
  store.clock.run_for(seconds(3));
  record_in(*first, scope, 3);
  store.clock.run_for(seconds(1));
  ASSERT_EQ(received.size(), 3u);
  kill(first);
  store.clock.run_for(seconds(1) + taken_over_within);
  EXPECT_EQ(received.size(), 6u);
  EXPECT_EQ(count(scope, DeliveryStatus::delivered), 3u);
}

TEST_F(Claims, WhatAProcessLeavesAtItsStopIsTakenOverAtOnce) {
  receive_at(1, {500});
  const Scope scope = store.merchant();
  auto first = serve();
  const auto second = serve();
  store.clock.run_for(seconds(3));
  record_in(*first, scope);
  store.clock.run_for(seconds(1));
  stop(first);
  store.clock.run_for(seconds(6));
  EXPECT_EQ(received.size(), 2u);
  EXPECT_EQ(count(scope, DeliveryStatus::delivered), 1u);
}

// A retry that is far off is nobody's: it needs no living process that remembers it.
TEST_F(Claims, ARetryFarOffBelongsToNobodyAndIsMadeOnce) {
  receive_at(1, {500, 500});
  const Scope scope = store.merchant();
  const auto first = serve();
  const auto second = serve();
  store.clock.run_for(seconds(3));
  record_in(*first, scope);
  store.clock.run_for(seconds(10));
  ASSERT_EQ(received.size(), 2u);
  const auto owner = *store.write([](db::Transaction& tx) -> Result<std::optional<std::int64_t>> {
    static constexpr db::Sql select_owner{"SELECT owner FROM deliveries"};
    return tx.query_one(select_owner, [](const db::Row& row) { return row.integer(0); });
  });
  EXPECT_EQ(owner, 0);
  store.clock.run_for(minutes(8));
  EXPECT_EQ(received.size(), 3u);
  EXPECT_EQ(count(scope, DeliveryStatus::delivered), 1u);
}

// Cut off from the store, a process sends nothing that another may have taken over.
TEST_F(Claims, AProcessThatIsCutOffSendsNothingThatOthersHaveSent) {
  for (const auto cut : {SharedStore::Cut::fails, SharedStore::Cut::hangs, SharedStore::Cut::loses_replies}) {
    received.clear();
    receivers.clear();
    network.drop_all();
    receive_at(1);
    answers_after = milliseconds(200);
    const Scope scope = store.merchant();
    auto first = serve();
    auto second = serve();
    store.clock.run_for(seconds(3));
    record_in(*first, scope, 400);
    record_in(*second, scope, 100);
    store.clock.run_for(milliseconds(500));
    const std::size_t in_flight = std::size_t(first->dispatcher.in_flight());
    ASSERT_GT(in_flight, 0u);
    first->door.set_cut(cut);
    store.clock.run_for(seconds(30));
    first->door.set_cut(SharedStore::Cut::none);
    store.clock.run_for(minutes(2));
    EXPECT_EQ(count(scope, DeliveryStatus::delivered), 500u);
    const auto times = receipts();
    EXPECT_EQ(times.size(), 500u);
    std::size_t again = 0;
    for (const auto& [id, count_of_it] : times) {
      EXPECT_LE(count_of_it, 2) << id;
      again += std::size_t(count_of_it) - 1;
    }
    // What it had begun when it was cut off could not be written down.
    EXPECT_LE(again, 10u) << static_cast<int>(cut);
    EXPECT_TRUE(first->members.is_alive());
    kill(first);
    kill(second);
  }
}

// That an endpoint could not be read says nothing of the endpoint.
TEST_F(Claims, AStoreThatWasAwayForAMomentKeepsNoEndpointWaiting) {
  receive_at(1);
  const Scope scope = store.merchant();
  const auto first = serve();
  store.clock.run_for(seconds(3));
  auto committed = commit_in(*first, scope);
  first->door.set_cut(SharedStore::Cut::fails);
  first->dispatcher.publish(std::move(committed));
  store.clock.run_for(seconds(3));
  EXPECT_TRUE(received.empty());
  first->door.set_cut(SharedStore::Cut::none);
  store.clock.run_for(seconds(5));
  EXPECT_EQ(received.size(), 1u);
}

// One that is sent again on purpose through another process than the one that has it waiting.
TEST_F(Claims, OneThatIsSentAgainIsSentByWhoeverHasIt) {
  receive_at(1, {500});
  const Scope scope = store.merchant();
  const auto first = serve();
  const auto second = serve();
  store.clock.run_for(seconds(3));
  record_in(*first, scope);
  store.clock.run_for(seconds(1));
  ASSERT_EQ(received.size(), 1u);
  const auto lane = endpoint_of(scope).key;
  auto again = run_task(store.clock, second->door.write([&](db::Transaction& tx) {
    return events::resend(tx, lane, EventId{1}, {}, store.clock.now());
  }));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->owner, first->members.id());
  second->dispatcher.publish({{}, {}, {*again}});
  store.clock.run_for(milliseconds(500));
  EXPECT_EQ(received.size(), 2u) << "the first has heard of it, and not waited for its retry";
  store.clock.run_for(minutes(10));
  EXPECT_EQ(received.size(), 2u);
}

// Even if it does not hear of it.
TEST_F(Claims, NewsThatIsLostIsFoundByLooking) {
  receive_at(1, {500, 500});
  const Scope scope = store.merchant();
  const auto first = serve();
  const auto second = serve();
  store.clock.run_for(seconds(3));
  record_in(*first, scope);
  store.clock.run_for(seconds(8));
  ASSERT_EQ(received.size(), 2u);
  const auto lane = endpoint_of(scope).key;
  ASSERT_TRUE(
      store.write([&](db::Transaction& tx) { return events::resend(tx, lane, EventId{1}, {}, store.clock.now()); }));
  store.clock.run_for(seconds(31));
  EXPECT_EQ(received.size(), 3u);
  store.clock.run_for(minutes(10));
  EXPECT_EQ(received.size(), 3u);
}

TEST_F(Claims, ThePaymentsNextEventFollowsAcrossProcesses) {
  receive_at(1, {500});
  const Scope scope = store.merchant();
  auto first = serve();
  const auto second = serve();
  store.clock.run_for(seconds(3));
  events::Chain chain;
  auto before = commit_in(*first, scope, &chain);
  first->dispatcher.publish(std::move(before));
  store.clock.run_for(seconds(1));
  // Committed elsewhere, while the one before waits for its second try.
  second->dispatcher.publish(commit_in(*second, scope, &chain));
  store.clock.run_for(seconds(1));
  ASSERT_EQ(received.size(), 1u);
  kill(first);
  store.clock.run_for(taken_over_within + seconds(1));
  ASSERT_EQ(received.size(), 3u);
  EXPECT_EQ(received[1].id, received[0].id);
  EXPECT_NE(received[2].id, received[0].id);
}

// A backlog that nobody has claimed is shared, and each of it is sent once.
TEST_F(Claims, ABacklogIsSharedBetweenThem) {
  receive_at(1);
  answers_after = milliseconds(20);
  const Scope scope = store.merchant();
  record(scope, 3'000);
  const auto first = serve();
  const auto second = serve();
  store.clock.run_for(minutes(3));
  expect_each_once(3'000);
  EXPECT_EQ(count(scope, DeliveryStatus::delivered), 3'000u);
}

TEST_F(Claims, AnEndpointsLimitsHoldForAllOfThemTogether) {
  receive_at(1);
  answers_after = milliseconds(100);
  const Scope scope = store.merchant();
  const auto first = serve();
  const auto second = serve();
  store.clock.run_for(seconds(3));
  change(first->dispatcher, scope, [](events::EndpointSettings& settings) { settings.rate_limit = 20; });
  record_in(*first, scope, 150);
  record_in(*second, scope, 150);
  const std::size_t before = received.size();
  store.clock.run_for(seconds(10));
  EXPECT_NEAR(double(received.size() - before), 200, 10);
  change(first->dispatcher, scope, [](events::EndpointSettings& settings) {
    settings.rate_limit.reset();
    settings.in_flight_max = 4;
  });
  store.clock.run_for(seconds(6));
  record_in(*first, scope, 100);
  record_in(*second, scope, 100);
  int most = 0;
  for (int i = 0; i < 200; ++i) {
    store.clock.run_for(milliseconds(10));
    most = std::max(most, first->dispatcher.in_flight() + second->dispatcher.in_flight());
  }
  EXPECT_EQ(most, 4);
}

// What one has found out of an endpoint, the other believes.
TEST_F(Claims, AnEndpointThatRestsRestsForAll) {
  receive_at(1, std::vector<int>(40, 500));
  const Scope scope = store.merchant();
  const auto first = serve();
  const auto second = serve();
  store.clock.run_for(seconds(3));
  record_in(*first, scope, 12);
  store.clock.run_for(seconds(2));
  const std::size_t before = received.size();
  ASSERT_GE(before, 10u);
  record_in(*second, scope, 5);
  store.clock.run_for(seconds(10));
  EXPECT_EQ(received.size(), before);
  // The last of them has failed often enough to wait for hours.
  store.clock.run_for(hours(3));
  for (const auto& delivery : deliveries(scope)) {
    if (delivery.status == DeliveryStatus::delivered) continue;
    EXPECT_GE(delivery.tries, 4);
    EXPECT_GT(*delivery.due_at, store.clock.now());
  }
  store.clock.run_for(hours(9));
  EXPECT_EQ(count(scope, DeliveryStatus::delivered), 17u);
}

TEST_F(Claims, ARestAndItsEndAreHeardAtOnce) {
  std::vector<int> statuses(2, 200);
  statuses.insert(statuses.end(), 11, 500);
  receive_at(1, statuses);
  const Scope scope = store.merchant();
  const auto first = serve();
  const auto second = serve();
  store.clock.run_for(seconds(3));
  record_in(*first, scope);
  record_in(*second, scope);
  store.clock.run_for(milliseconds(100));
  ASSERT_EQ(received.size(), 2u);
  record_in(*first, scope, 11);
  store.clock.run_for(milliseconds(100));
  const std::size_t before = received.size();
  record_in(*second, scope, 5);
  store.clock.run_for(seconds(1));
  EXPECT_EQ(received.size(), before) << "the second has read of the endpoint a moment ago, and heard of its rest since";
  // The first probe succeeds, whoever makes it.
  while (received.size() == before) store.clock.run_for(milliseconds(100));
  store.clock.run_for(seconds(1));
  EXPECT_GE(count(scope, DeliveryStatus::delivered), 2u + 5u);
}

TEST_F(Claims, AChangeOfAnEndpointIsHeardByAll) {
  receive_at(1);
  receive_at(2);
  const Scope scope = store.merchant();
  const auto first = serve();
  const auto second = serve();
  store.clock.run_for(seconds(3));
  record_in(*second, scope);
  store.clock.run_for(milliseconds(100));
  ASSERT_EQ(arrivals({}, 1).size(), 1u);
  change(first->dispatcher, scope, [](events::EndpointSettings& settings) { settings.url = "http://10.0.0.2/hook"; });
  store.clock.run_for(milliseconds(100));
  record_in(*second, scope);
  store.clock.run_for(milliseconds(100));
  EXPECT_EQ(arrivals({}, 1).size(), 1u);
  EXPECT_EQ(arrivals({}, 2).size(), 1u);
}

// Kills at every moment of a busy minute, with one that stays: nothing is lost, and only what was under way comes
// twice.
TEST_F(Claims, KillsLoseNothing) {
  receive_at(1);
  answers_after = milliseconds(30);
  const Scope scope = store.merchant();
  const auto stays = serve();
  std::size_t committed = 0, under_way = 0;
  for (int round = 0; round < 12; ++round) {
    auto dies = serve();
    store.clock.run_for(milliseconds(2'500 + 170 * round));
    for (int i = 0; i < 30; ++i) {
      record_in(i % 3 == 0 ? *stays : *dies, scope);
      ++committed;
      store.clock.run_for(milliseconds(3));
    }
    under_way += std::size_t(dies->dispatcher.in_flight());
    kill(dies);
  }
  store.clock.run_for(minutes(2));
  EXPECT_EQ(count(scope, DeliveryStatus::delivered), committed);
  const auto times = receipts();
  EXPECT_EQ(times.size(), committed);
  EXPECT_LE(received.size() - times.size(), under_way);
}

}  // namespace
}  // namespace epay::webhooks
