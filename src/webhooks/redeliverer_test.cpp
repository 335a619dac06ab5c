#include "webhooks/redeliverer.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "simulation/endpoint_care.h"

namespace epay::webhooks {
namespace {

using events::DeliveryStatus;
using events::EventType;
using simulation::EndpointCare;
using simulation::Received;

class Redelivering : public EndpointCare {
 protected:
  // So many that were given up.
  void fail_many(Scope scope, int how_many) {
    const auto lane = endpoint_of(scope).key;
    ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
      static constexpr db::Sql give_up{"UPDATE deliveries SET status = 3, tries = 10, due_at = NULL"};
      for (int i = 0; i < how_many; ++i)
        events::record(tx, {scope, EventType::payment_success, {}, "{}", store.clock.now()});
      tx.execute(give_up);
      return {};
    }));
    first = lane;
  }
  events::RedeliveryKey begin(Redeliverer& redeliverer, events::Redelivery::Kind kind, bool delivered_too = false) {
    const auto made = store.write([&](db::Transaction& tx) {
      return events::create_redelivery(tx,
                                       {first, kind, delivered_too, Timestamp(), store.clock.now(), store.clock.now()});
    });
    EPAY_CHECK(made.has_value());
    redeliverer.begin(made->key);
    return made->key;
  }
  events::Redelivery find(events::RedeliveryKey key) {
    return *store.write([&](db::Transaction& tx) { return events::find_redelivery(tx, key); });
  }
  events::LaneKey first;
};

TEST_F(Redelivering, RunsBehindWhatIsNew) {
  receive_at(1);
  answers_after = milliseconds(20);
  const Scope scope = store.merchant();
  fail_many(scope, 3'000);
  const auto dispatcher = make();
  Redeliverer redeliverer(store.clock, store.log, *store.database, members, *dispatcher);
  redeliverer.start();
  const auto key = begin(redeliverer, events::Redelivery::Kind::recover);
  EXPECT_EQ(find(key).total, 3'000);
  store.clock.run_for(seconds(2));
  microseconds slowest{0};
  for (int i = 0; i < 50; ++i) {
    const Timestamp committed = store.clock.now();
    auto recorded = record(scope);
    const std::string id = recorded.deliveries.at(0).webhook_id();
    dispatcher->publish(std::move(recorded));
    store.clock.run_for(milliseconds(100));
    for (const Received& got : received) {
      if (got.id == id) slowest = std::max(slowest, got.at - committed);
    }
  }
  EXPECT_LT(slowest, milliseconds(2)) << "half of the slots are always free for what is new";
  store.clock.run_for(minutes(2));
  const auto done = find(key);
  EXPECT_EQ(done.status, events::Redelivery::Status::done);
  EXPECT_EQ(done.sent, 3'000);
  EXPECT_EQ(done.delivered, 3'000);
  EXPECT_EQ(received.size(), 3'050u);
}

TEST_F(Redelivering, StopsWhenCancelledAndGoesOnWhereItStopped) {
  receive_at(1);
  answers_after = milliseconds(20);
  const Scope scope = store.merchant();
  fail_many(scope, 2'000);
  const auto dispatcher = make();
  Redeliverer redeliverer(store.clock, store.log, *store.database, members, *dispatcher);
  redeliverer.start();
  const auto key = begin(redeliverer, events::Redelivery::Kind::recover);
  store.clock.run_for(seconds(2));
  ASSERT_TRUE(store.write([&](db::Transaction& tx) { return events::cancel_redelivery(tx, key, store.clock.now()); }));
  store.clock.run_for(seconds(5));
  const std::size_t so_far = received.size();
  EXPECT_GT(so_far, 100u);
  EXPECT_LT(so_far, 1'900u);
  store.clock.run_for(minutes(5));
  EXPECT_EQ(received.size(), so_far);
  ASSERT_TRUE(store.write([&](db::Transaction& tx) { return events::resume_redelivery(tx, key, store.clock.now()); }));
  redeliverer.begin(key);
  store.clock.run_for(minutes(2));
  EXPECT_EQ(received.size(), 2'000u);
  std::set<std::string> ids;
  for (const Received& got : received) ids.insert(got.id);
  EXPECT_EQ(ids.size(), 2'000u);
}

TEST_F(Redelivering, ReplaysToAnEndpointMadeLaterWhatItAsksFor) {
  receive_at(1);
  receive_at(2);
  const Scope scope = store.merchant();
  const auto dispatcher = make();
  dispatcher->publish(record(scope, 700));
  dispatcher->publish(record_of(scope, EventType::payout_success));
  store.clock.run_for(seconds(10));
  first = *store.write([&](db::Transaction& tx) {
    return events::open_endpoint(tx, scope.merchant, {.url = "http://10.0.0.2/hook"},
                                 {.bytes = Secret(std::string(32, 's'))}, store.vault, store.clock.now());
  });
  Redeliverer redeliverer(store.clock, store.log, *store.database, members, *dispatcher);
  redeliverer.start();
  const auto key = begin(redeliverer, events::Redelivery::Kind::replay);
  store.clock.run_for(minutes(1));
  EXPECT_EQ(arrivals({}, 2).size(), 700u);
  EXPECT_EQ(find(key).status, events::Redelivery::Status::done);
  // Again: it has had them all.
  begin(redeliverer, events::Redelivery::Kind::replay);
  store.clock.run_for(minutes(1));
  EXPECT_EQ(arrivals({}, 2).size(), 700u);
  begin(redeliverer, events::Redelivery::Kind::replay, true);
  store.clock.run_for(minutes(1));
  EXPECT_EQ(arrivals({}, 2).size(), 1'400u);
}

TEST_F(Redelivering, OneOfItThatIsSentAgainSinglyIsSentOnce) {
  receive_at(1);
  answers_after = seconds(2);
  const Scope scope = store.merchant();
  fail_many(scope, 60);
  const auto dispatcher = make();
  Redeliverer redeliverer(store.clock, store.log, *store.database, members, *dispatcher);
  redeliverer.start();
  const auto key = begin(redeliverer, events::Redelivery::Kind::recover);
  store.clock.run_for(seconds(3));
  // Twenty have been handed over; some of them wait behind.
  std::size_t resent = 0;
  for (const auto& delivery : deliveries(scope)) {
    if (delivery.status != DeliveryStatus::waiting) continue;
    const auto again = store.write(
        [&](db::Transaction& tx) { return events::resend(tx, first, delivery.event, {}, store.clock.now()); });
    dispatcher->publish({{}, {}, {*again}});
    ++resent;
  }
  EXPECT_GT(resent, 5u);
  store.clock.run_for(minutes(10));
  std::map<std::string, int> times;
  for (const Received& got : received) ++times[got.id];
  EXPECT_EQ(times.size(), 60u);
  for (const auto& [id, count_of_it] : times) EXPECT_EQ(count_of_it, 1) << id;
  EXPECT_EQ(find(key).status, events::Redelivery::Status::done);
}

TEST_F(Redelivering, ADeadEndpointHoldsItWithoutUsingItUp) {
  const Scope scope = store.merchant();
  fail_many(scope, 500);
  network.set_fault({IpAddress::v4(10, 0, 0, 1), 80}, simulation::SimNetwork::Fault::refuse);
  const auto dispatcher = make();
  Redeliverer redeliverer(store.clock, store.log, *store.database, members, *dispatcher);
  redeliverer.start();
  const auto key = begin(redeliverer, events::Redelivery::Kind::recover);
  store.clock.run_for(hours(2));
  EXPECT_LT(find(key).sent, 60) << "its breaker is open";
  network.set_fault({IpAddress::v4(10, 0, 0, 1), 80}, simulation::SimNetwork::Fault::none);
  receive_at(1);
  store.clock.run_for(hours(60));
  EXPECT_EQ(find(key).delivered, 500);
}

}  // namespace
}  // namespace epay::webhooks
