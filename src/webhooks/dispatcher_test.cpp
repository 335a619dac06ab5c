#include "webhooks/dispatcher.h"

#include <gtest/gtest.h>

#include <set>

#include "http/router.h"
#include "http/server.h"
#include "simulation/memory_store.h"
#include "simulation/sim_network.h"
#include "webhooks/signer.h"

namespace epay::webhooks {
namespace {

using simulation::MemoryStore;
using simulation::SimNetwork;

struct Received {
  Timestamp at;
  IpAddress to;
  std::string id, body, attempt;
  bool signed_well = false;
};

// Receivers at 10.0.0.1, 10.0.0.2, … as MemoryStore's endpoints have them.
class Dispatching : public testing::Test {
 protected:
  static constexpr int hang = -1;

  ~Dispatching() override {
    network.drop_all();
    store.clock.drop_all();
  }

  // Answers with the statuses in turn, then 200.
  void receive_at(int host, std::vector<int> statuses = {}) {
    auto receiver = std::make_unique<Receiver>(*this, host, std::move(statuses));
    tasks.spawn(receiver->server.serve(*network.listen({receiver->ip, 80}, {})));
    receivers.push_back(std::move(receiver));
  }
  std::vector<events::Delivery> record(Scope scope, int count = 1) {
    std::vector<events::Delivery> all;
    for (int i = 0; i < count; ++i) {
      const auto deliveries = store.write([&](db::Transaction& tx) -> Result<std::vector<events::Delivery>> {
        return events::record(
            tx,
            {scope, events::EventType::payment_success, {}, "{\"n\":" + std::to_string(i) + "}", store.clock.now()});
      });
      all.insert(all.end(), deliveries->begin(), deliveries->end());
    }
    return all;
  }
  std::unique_ptr<Dispatcher> make(DispatcherOptions options = {}) {
    auto dispatcher = std::make_unique<Dispatcher>(store.clock, store.random, store.log, *store.database, client,
                                                   store.vault, options);
    dispatcher->start();
    return dispatcher;
  }
  std::vector<events::DeliverySummary> deliveries(Scope scope) {
    return *store.write([&](db::Transaction& tx) -> Result<std::vector<events::DeliverySummary>> {
      return events::recent_deliveries(tx, scope.merchant, 10'000);
    });
  }

  struct Receiver {
    Receiver(Dispatching& world, int host, std::vector<int> statuses)
        : ip(IpAddress::v4(10, 0, 0, std::uint8_t(host))),
          server(world.store.clock, world.store.random, world.store.log, router, {}),
          script(std::move(statuses)) {
      router.add("POST", "/hook", [this, &world](http::Request& request) { return answer(world, request); });
    }
    Task<http::Response> answer(Dispatching& world, http::Request& request) {
      const auto header = [&](const char* name) { return std::string(request.headers.get(name)); };
      Received got{world.store.clock.now(), ip, header("webhook-id"), request.body, header("epay-delivery-attempt")};
      const Timestamp sent_at{std::stoll(header("webhook-timestamp")) * 1'000'000};
      got.signed_well = header("webhook-signature") == sign(Secret(std::string(32, 's')), {got.id, sent_at, got.body});
      world.received.push_back(got);
      const int status = next < script.size() ? script[next++] : 200;
      if (status == hang) co_await world.store.clock.sleep(hours(1000));
      co_return http::Response::text(status, "answer");
    }
    IpAddress ip;
    http::Router router;
    http::Server server;
    std::vector<int> script;
    std::size_t next = 0;
  };

  MemoryStore store;
  SimNetwork network{store.clock, store.random};
  http::Client client{store.clock, network, http::AddressGuard({*http::Cidr::parse("10.0.0.0/8")}), {}};
  std::vector<Received> received;
  std::vector<std::unique_ptr<Receiver>> receivers;
  TaskGroup tasks{store.clock, store.log, "receivers"};
};

TEST_F(Dispatching, WhatIsCommittedIsSentAtOnce) {
  receive_at(1);
  const Scope scope = store.merchant();
  const auto dispatcher = make();
  const Timestamp committed = store.clock.now();
  dispatcher->enqueue(record(scope));
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
  dispatcher->enqueue(record(scope));
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
  dispatcher->enqueue(record(scope));
  store.clock.run_for(hours(24 * 6));
  EXPECT_EQ(received.size(), 10u);
  EXPECT_EQ(deliveries(scope)[0].status, events::DeliveryStatus::given_up);
}

TEST_F(Dispatching, ARefusedConnectionIsTriedAgainAtOnceAndOnlyOnce) {
  const Scope scope = store.merchant();
  network.set_fault({IpAddress::v4(10, 0, 0, 1), 80}, SimNetwork::Fault::refuse);
  const auto dispatcher = make();
  dispatcher->enqueue(record(scope));
  store.clock.run_for(seconds(1));
  EXPECT_EQ(deliveries(scope)[0].tries, 2);
}

TEST_F(Dispatching, ADeadReceiverDelaysNobodyElse) {
  receive_at(1, std::vector<int>(100, hang));
  receive_at(2);
  const Scope scope = store.merchant(2);
  const auto dispatcher = make();
  const Timestamp began = store.clock.now();
  dispatcher->enqueue(record(scope, 50));
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
  EXPECT_EQ(dead, DispatcherOptions{}.in_flight_per_endpoint_max);
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
  dispatcher->enqueue(record(scope, 300));
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
  for (const Scope& scope : merchants) dispatcher->enqueue(record(scope, 10));
  EXPECT_LE(dispatcher->in_flight(), 2);
  store.clock.run_for(minutes(1));
  EXPECT_EQ(received.size(), 50u);
}

TEST_F(Dispatching, APrivateAddressThatIsNotAllowedIsNeverConnectedTo) {
  receive_at(1);
  const Scope scope = store.merchant();
  http::Client guarded(store.clock, network, http::AddressGuard({}), {});
  Dispatcher dispatcher(store.clock, store.random, store.log, *store.database, guarded, store.vault, {});
  dispatcher.start();
  dispatcher.enqueue(record(scope));
  store.clock.run_for(minutes(1));
  EXPECT_TRUE(received.empty());
  EXPECT_EQ(deliveries(scope)[0].status, events::DeliveryStatus::waiting);
}

}  // namespace
}  // namespace epay::webhooks
