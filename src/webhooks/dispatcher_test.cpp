#include "webhooks/dispatcher.h"

#include <gtest/gtest.h>

#include <set>

#include "simulation/dispatching.h"

namespace epay::webhooks {
namespace {

using simulation::Dispatching;
using simulation::Received;
using simulation::SimNetwork;

TEST_F(Dispatching, WhatIsCommittedIsSentAtOnce) {
  receive_at(1);
  const Scope scope = store.merchant();
  const auto dispatcher = make();
  const Timestamp committed = store.clock.now();
  dispatcher->publish(record(scope));
  store.clock.run_for(seconds(1));
  ASSERT_EQ(received.size(), 1u);
  EXPECT_LT(received[0].at - committed, milliseconds(100));
  EXPECT_TRUE(received[0].signed_well);
  EXPECT_EQ(received[0].attempt, "1");
  EXPECT_EQ(deliveries(scope)[0].status, events::DeliveryStatus::delivered);
}

TEST_F(Dispatching, AFailedTryIsRepeatedWithTheSameIdSignedAnew) {
  receive_at(1, {500, 302, hang});
  const Scope scope = store.merchant();
  const auto dispatcher = make();
  dispatcher->publish(record(scope));
  store.clock.run_for(hours(2));
  ASSERT_EQ(received.size(), 4u);
  std::set<std::string> ids;
  for (std::size_t i = 0; i < received.size(); ++i) {
    ids.insert(received[i].id + received[i].body);
    EXPECT_TRUE(received[i].signed_well);
    EXPECT_EQ(received[i].attempt, std::to_string(i + 1));
  }
  EXPECT_EQ(ids.size(), 1u);
  const auto waited = received[1].at - received[0].at;
  EXPECT_GE(waited, seconds(4));
  EXPECT_LE(waited, seconds(7));
  EXPECT_EQ(deliveries(scope)[0].status, events::DeliveryStatus::delivered);
  EXPECT_EQ(deliveries(scope)[0].tries, 4);
}

TEST_F(Dispatching, TheScheduleEndsAndTheEventStays) {
  receive_at(1, std::vector<int>(20, 500));
  const Scope scope = store.merchant();
  const auto dispatcher = make();
  dispatcher->publish(record(scope));
  store.clock.run_for(hours(24 * 6));
  EXPECT_EQ(received.size(), 10u);
  EXPECT_EQ(deliveries(scope)[0].status, events::DeliveryStatus::given_up);
}

TEST_F(Dispatching, ARefusedConnectionIsTriedAgainAtOnceAndOnlyOnce) {
  const Scope scope = store.merchant();
  network.set_fault({IpAddress::v4(10, 0, 0, 1), 80}, SimNetwork::Fault::refuse);
  const auto dispatcher = make();
  dispatcher->publish(record(scope));
  store.clock.run_for(seconds(1));
  EXPECT_EQ(deliveries(scope)[0].tries, 2);
}

TEST_F(Dispatching, AReceiverThatRestartsHasItsEventsInSeconds) {
  const Scope scope = store.merchant();
  network.set_fault({IpAddress::v4(10, 0, 0, 1), 80}, SimNetwork::Fault::refuse);
  const auto dispatcher = make();
  const Timestamp began = store.clock.now();
  dispatcher->publish(record(scope));
  store.clock.run_for(seconds(3));
  network.set_fault({IpAddress::v4(10, 0, 0, 1), 80}, SimNetwork::Fault::none);
  receive_at(1);
  store.clock.run_for(hours(2));
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].attempt, "3");  // the second was made at once, and is no step of the schedule
  EXPECT_LT(received[0].at - began, seconds(7));
}

TEST_F(Dispatching, ADeadReceiverDelaysNobodyElse) {
  receive_at(1, std::vector<int>(100, hang));
  receive_at(2);
  const Scope scope = store.merchant(2);
  const auto dispatcher = make();
  const Timestamp began = store.clock.now();
  dispatcher->publish(record(scope, 50));
  store.clock.run_for(seconds(5));
  int healthy = 0, dead = 0;
  for (const Received& got : received) {
    if (got.to == receivers[1]->ip) {
      ++healthy;
      EXPECT_LT(got.at - began, seconds(2));
    } else {
      ++dead;
    }
  }
  EXPECT_EQ(healthy, 50);
  EXPECT_EQ(dead, 2);  // until it has taken something it is not trusted with more
}

TEST_F(Dispatching, TheNextProcessGoesOnWithWhatIsLeft) {
  const Scope scope = store.merchant();
  record(scope, 700);  // more than a window, and nobody was told
  receive_at(1);
  const auto dispatcher = make();
  store.clock.run_for(minutes(2));
  std::set<std::string> ids;
  for (const Received& got : received) ids.insert(got.id);
  EXPECT_EQ(ids.size(), 700u);
  EXPECT_EQ(received.size(), 700u);
}

TEST_F(Dispatching, ALaneLongerThanItsWindowLosesAndRepeatsNothing) {
  receive_at(1);
  const Scope scope = store.merchant();
  DispatcherOptions options;
  options.window_max = 8;
  const auto dispatcher = make(options);
  dispatcher->publish(record(scope, 300));
  store.clock.run_for(minutes(2));
  std::set<std::string> ids;
  for (const Received& got : received) ids.insert(got.id);
  EXPECT_EQ(ids.size(), 300u);
  EXPECT_EQ(received.size(), 300u);
}

TEST_F(Dispatching, TheGlobalCapIsKeptAndEveryLaneGetsItsTurn) {
  std::vector<Scope> merchants;
  for (int i = 0; i < 5; ++i) merchants.push_back(store.merchant());
  receive_at(1);
  DispatcherOptions options;
  options.in_flight_max = 2;
  const auto dispatcher = make(options);
  for (const Scope& scope : merchants) dispatcher->publish(record(scope, 10));
  EXPECT_LE(dispatcher->in_flight(), 2);
  store.clock.run_for(minutes(1));
  EXPECT_EQ(received.size(), 50u);
}

TEST_F(Dispatching, HangingEndpointsLeaveRoomUnderTheGlobalCap) {
  receive_at(1, std::vector<int>(10'000, hang));
  receive_at(2);
  const Scope dead[] = {store.merchant(), store.merchant()};
  const Scope healthy = store.merchant();
  ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
    const auto endpoint = events::list_endpoints(tx, healthy.merchant)[0].key;
    return events::set_endpoint_url(tx, endpoint, "http://10.0.0.2/hook", store.clock.now());
  }));
  DispatcherOptions options;
  options.in_flight_max = 4;
  const auto dispatcher = make(options);
  for (const Scope& scope : dead) dispatcher->publish(record(scope, 100));
  store.clock.run_for(seconds(3));
  const Timestamp committed = store.clock.now();
  dispatcher->publish(record(healthy));
  store.clock.run_for(seconds(1));
  std::vector<Received> at_healthy;
  for (const Received& got : received) {
    if (got.to == receivers[1]->ip) at_healthy.push_back(got);
  }
  ASSERT_EQ(at_healthy.size(), 1u);
  EXPECT_LT(at_healthy[0].at - committed, milliseconds(100));
}

TEST_F(Dispatching, AnEndpointThatCannotBeReadUsesUpNoTries) {
  static constexpr db::Sql get_box{"SELECT secret_box FROM endpoint_secrets WHERE merchant_id = $1"};
  static constexpr db::Sql set_box{"UPDATE endpoint_secrets SET secret_box = $1 WHERE merchant_id = $2"};
  receive_at(1);
  const Scope scope = store.merchant();
  std::string box;
  const auto replace_box = [&](const std::string& content) {
    ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
      box = *tx.query_one(get_box, [](const db::Row& row) { return row.string(0); }, scope.merchant);
      tx.execute(set_box, db::Bytes{content}, scope.merchant);
      return {};
    }));
  };
  replace_box("does not open");
  const std::string good = box;
  const auto dispatcher = make();
  dispatcher->publish(record(scope, 50));
  store.clock.run_for(hours(24));
  for (const events::DeliverySummary& delivery : deliveries(scope)) {
    EXPECT_EQ(delivery.tries, 0);
    EXPECT_EQ(delivery.status, events::DeliveryStatus::waiting);
  }
  EXPECT_TRUE(received.empty());
  replace_box(good);
  store.clock.run_for(minutes(1));
  EXPECT_EQ(received.size(), 50u);
  for (const Received& got : received) EXPECT_EQ(got.attempt, "1");
}

TEST_F(Dispatching, APrivateAddressThatIsNotAllowedIsNeverConnectedTo) {
  receive_at(1);
  const Scope scope = store.merchant();
  http::Client guarded(store.clock, network, http::AddressGuard({}), {});
  Dispatcher dispatcher(store.clock, store.random, store.log, *store.database, members, guarded, store.vault, {});
  dispatcher.start();
  dispatcher.publish(record(scope));
  store.clock.run_for(minutes(1));
  EXPECT_TRUE(received.empty());
  EXPECT_EQ(deliveries(scope)[0].status, events::DeliveryStatus::waiting);
}

}  // namespace
}  // namespace epay::webhooks
