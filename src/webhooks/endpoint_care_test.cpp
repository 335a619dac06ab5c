// How the dispatcher treats endpoints: rests, limits, rotation, order, switching off, sending one again.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "simulation/endpoint_care.h"

namespace epay::webhooks {
namespace {

using events::DeliveryStatus;
using events::EventType;
using events::EventTypes;
using simulation::EndpointCare;
using simulation::Received;

TEST_F(EndpointCare, TheWholeEndpointWaitsWhenItAsksForThat) {
  receive_at(1, {503});
  receivers[0]->retry_after = "120";
  const Scope scope = store.merchant();
  const auto dispatcher = make();
  const Timestamp began = store.clock.now();
  dispatcher->publish(record(scope));
  store.clock.run_for(seconds(1));
  dispatcher->publish(record(scope, 5));
  store.clock.run_for(seconds(118));
  EXPECT_EQ(received.size(), 1u);
  store.clock.run_for(seconds(5));
  EXPECT_EQ(received.size(), 7u);
  for (const microseconds at : arrivals(began)) EXPECT_TRUE(at < seconds(1) || at >= seconds(120)) << at.count();
}

TEST_F(EndpointCare, ARestOutlivesTheProcess) {
  receive_at(1, {429});
  receivers[0]->retry_after = "600";
  const Scope scope = store.merchant();
  auto dispatcher = make();
  dispatcher->publish(record(scope));
  store.clock.run_for(seconds(10));
  store.clock.drop_all();
  dispatcher.reset();
  received.clear();
  network.drop_all();
  receivers.clear();
  receive_at(1);
  const auto next = make();
  store.clock.run_for(seconds(580));
  EXPECT_TRUE(received.empty());
  store.clock.run_for(seconds(60));
  EXPECT_EQ(received.size(), 1u);
}

TEST_F(EndpointCare, TheBreakerOpensProbesAndLetsAllGoWhenTheEndpointIsBack) {
  receive_at(1, std::vector<int>(12, 500));
  const Scope scope = store.merchant();
  DispatcherOptions options;
  options.schedule = RetrySchedule(std::vector<microseconds>(50, seconds(1)));
  const auto dispatcher = make(options);
  const Timestamp began = store.clock.now();
  dispatcher->publish(record(scope, 40));
  store.clock.run_for(seconds(25));
  EXPECT_LE(received.size(), 11u) << "at most one that was under way when the tenth failed";
  EXPECT_GE(received.size(), 10u);
  EXPECT_EQ(count(scope, DeliveryStatus::waiting), 40u) << "none is thrown away";
  store.clock.run_for(minutes(5));
  EXPECT_EQ(count(scope, DeliveryStatus::delivered), 40u);
  const auto times = arrivals(began);
  EXPECT_GE(times.at(11), seconds(28)) << "one probe after the rest";
}

TEST_F(EndpointCare, GoneEndsIt) {
  receive_at(1, {410});
  receive_at(2);
  const Scope scope = store.merchant(2);
  const auto dispatcher = make();
  change(*dispatcher, scope, [](auto& settings) { settings.types.add(EventType::endpoint_disabled); }, 1);
  dispatcher->publish(record(scope));
  store.clock.run_for(minutes(10));
  EXPECT_EQ(arrivals({}, 1).size(), 1u);
  ASSERT_EQ(arrivals({}, 2).size(), 2u) << "the payment, and the news of the other endpoint";
  EXPECT_EQ(received.back().headers.get("epay-event"), "endpoint.disabled");
  EXPECT_NE(received.back().body.find(R"("disabled_reason":"gone")"), std::string::npos) << received.back().body;
  const auto endpoint = endpoint_of(scope);
  EXPECT_FALSE(endpoint.enabled);
  EXPECT_EQ(endpoint.disabled_reason, events::DisabledReason::gone);
  ASSERT_EQ(letters(scope).size(), 1u);
  EXPECT_NE(letters(scope)[0].subject.find("switched off"), std::string::npos);
  // What waited is kept, nothing new is addressed to it, and on it goes when it is switched on.
  dispatcher->publish(record(scope));
  EXPECT_EQ(count(scope, DeliveryStatus::waiting), 2u) << "the old one, and the new one for the other endpoint";
  switch_on(*dispatcher, endpoint.key);
  store.clock.run_for(minutes(10));
  EXPECT_EQ(arrivals({}, 1).size(), 2u);
}

TEST_F(EndpointCare, FiveDaysWithoutASuccessSwitchItOffAndEachChangeIsToldOnce) {
  const Scope scope = store.merchant();
  network.set_fault({IpAddress::v4(10, 0, 0, 1), 80}, simulation::SimNetwork::Fault::refuse);
  const auto dispatcher = make();
  tasks.spawn(
      keep_recording(*store.database, *dispatcher, scope, minutes(30), store.clock.ticks() + hours(5 * 24 + 3)));
  store.clock.run_for(hours(5 * 24 - 2));
  EXPECT_TRUE(endpoint_of(scope).enabled);
  EXPECT_EQ(letters(scope).size(), 3u);
  store.clock.run_for(hours(8));
  EXPECT_FALSE(endpoint_of(scope).enabled);
  EXPECT_EQ(endpoint_of(scope).disabled_reason, events::DisabledReason::failing);
  EXPECT_EQ(letters(scope).size(), 4u);
  EXPECT_GT(count(scope, DeliveryStatus::waiting), 0u);
  network.set_fault({IpAddress::v4(10, 0, 0, 1), 80}, simulation::SimNetwork::Fault::none);
  receive_at(1);
  store.clock.run_for(hours(24));
  EXPECT_TRUE(received.empty());
  const auto waiting = count(scope, DeliveryStatus::waiting);
  switch_on(*dispatcher, endpoint_of(scope).key);
  store.clock.run_for(hours(25));
  EXPECT_EQ(received.size(), waiting);
}

TEST_F(EndpointCare, RecoveryIsToldOnce) {
  receive_at(1, std::vector<int>(5, 500));
  const Scope scope = store.merchant();
  const auto dispatcher = make();
  for (int i = 0; i < 12; ++i) {
    dispatcher->publish(record(scope));
    store.clock.run_for(seconds(30));
  }
  store.clock.run_for(hours(1));
  ASSERT_EQ(letters(scope).size(), 2u);
  EXPECT_NE(letters(scope)[0].subject.find("works again"), std::string::npos) << letters(scope)[0].subject;
  EXPECT_NE(letters(scope)[1].subject.find("failing"), std::string::npos) << letters(scope)[1].subject;
}

TEST_F(EndpointCare, OneThatIsNewIsNotKeptOutByManyThatAreBusy) {
  receive_at(1);
  receive_at(2);
  answers_after = milliseconds(10);
  std::vector<Scope> busy;
  for (int i = 0; i < 4; ++i) busy.push_back(store.merchant());
  const Scope fresh = store.merchant();
  DispatcherOptions options;
  options.in_flight_max = 4;
  const auto dispatcher = make(options);
  for (const Scope& scope : busy) dispatcher->publish(record(scope, 500));
  store.clock.run_for(seconds(1));
  change(*dispatcher, fresh, [](auto& settings) { settings.url = "http://10.0.0.2/hook"; });
  dispatcher->publish(record(fresh));
  store.clock.run_for(milliseconds(200));
  EXPECT_EQ(arrivals({}, 2).size(), 1u);
}

TEST_F(EndpointCare, ItsRateLimitIsKept) {
  receive_at(1);
  const Scope scope = store.merchant();
  const auto dispatcher = make();
  change(*dispatcher, scope, [](auto& settings) { settings.rate_limit = 10; });
  store.clock.run_for(seconds(1));
  const Timestamp began = store.clock.now();
  dispatcher->publish(record(scope, 50));
  store.clock.run_for(seconds(20));
  const auto times = arrivals(began);
  ASSERT_EQ(times.size(), 50u);
  for (std::size_t i = 10; i < times.size(); ++i) EXPECT_GE(times[i] - times[i - 10], milliseconds(890)) << i;
  EXPECT_LE(times.back(), seconds(6));
}

TEST_F(EndpointCare, ItsOwnLimitsScheduleAndHeadersAreUsed) {
  receive_at(1, std::vector<int>(4, 500));
  const Scope scope = store.merchant();
  const auto dispatcher = make();
  change(*dispatcher, scope, [](auto& settings) {
    settings.schedule = std::vector<seconds>{seconds(100), seconds(200)};
    settings.in_flight_max = 1;
  });
  const auto key = endpoint_of(scope).key;
  ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
    events::set_extras(tx, key, {{{"X-Shop", "7"}}, "Bearer abc"}, store.vault, {});
    return {};
  }));
  dispatcher->endpoint_changed(key);
  store.clock.run_for(seconds(1));
  const Timestamp began = store.clock.now();
  dispatcher->publish(record(scope));
  store.clock.run_for(hours(48));
  const auto times = arrivals(began);
  ASSERT_EQ(times.size(), 3u);
  EXPECT_NEAR(double((times[1] - times[0]).count()) / 1e6, 100, 21);
  EXPECT_NEAR(double((times[2] - times[1]).count()) / 1e6, 200, 41);
  EXPECT_EQ(count(scope, DeliveryStatus::given_up), 1u);
  EXPECT_EQ(received[0].headers.get("x-shop"), "7");
  EXPECT_EQ(received[0].headers.get("authorization"), "Bearer abc");
  EXPECT_EQ(received[0].headers.get("epay-sequence"), "1");
  EXPECT_EQ(received[0].headers.get("epay-mode"), "test");
}

TEST_F(EndpointCare, OnlyWhatItAsksForIsSentToIt) {
  receive_at(1);
  receive_at(2);
  const Scope scope = store.merchant(2);
  const auto dispatcher = make();
  change(*dispatcher, scope, [](auto& settings) { settings.types = EventTypes::of(EventType::payout_success); });
  dispatcher->publish(record_of(scope, EventType::payment_success));
  dispatcher->publish(record_of(scope, EventType::payout_success));
  dispatcher->publish(record_of({scope.merchant, Mode::live}, EventType::payment_success));
  change(*dispatcher, scope, [](auto& settings) { settings.mode = Mode::live; }, 1);
  dispatcher->publish(record_of(scope, EventType::payment_success));
  dispatcher->publish(record_of({scope.merchant, Mode::live}, EventType::payment_failed));
  EXPECT_FALSE(record_of(scope, EventType::payment_pending).event) << "nobody asks for it";
  store.clock.run_for(seconds(5));
  std::multiset<std::string> at_first, at_second;
  for (const Received& got : received) {
    (got.to == receivers[0]->ip ? at_first : at_second).emplace(got.headers.get("epay-event"));
  }
  EXPECT_EQ(at_first, (std::multiset<std::string>{"payout.success"}));
  EXPECT_EQ(at_second, (std::multiset<std::string>{"payment.success", "payment.success", "payment.failed"}));
}

TEST_F(EndpointCare, LaterEventsOfAPaymentWaitForTheEarlier) {
  receive_at(1, {500});
  const Scope scope = store.merchant();
  const auto dispatcher = make();
  events::Chain chain;
  const Timestamp began = store.clock.now();
  dispatcher->publish(record_of(scope, EventType::payment_failed, &chain));
  dispatcher->publish(record_of(scope, EventType::payment_success, &chain));
  dispatcher->publish(record(scope));  // of another payment: not held up
  EXPECT_EQ(chain.count, 2);
  store.clock.run_for(seconds(20));
  ASSERT_EQ(received.size(), 4u);
  const auto arrived = [&](std::size_t i) {
    return std::pair(std::string(received[i].headers.get("epay-event")),
                     std::string(received[i].headers.get("epay-sequence")));
  };
  EXPECT_LT(received[1].at - began, seconds(1));
  EXPECT_EQ(arrived(2), (std::pair<std::string, std::string>("payment.failed", "1")));
  EXPECT_EQ(arrived(3), (std::pair<std::string, std::string>("payment.success", "2")));
  EXPECT_LT(received[3].at - received[2].at, milliseconds(100));
}

TEST_F(EndpointCare, AfterThreeTriesTheNextEventOfAPaymentGoesAnyway) {
  receive_at(1, {500, 500, 500, 500});
  const Scope scope = store.merchant();
  DispatcherOptions options;
  options.schedule = RetrySchedule(std::vector<microseconds>(9, seconds(10)));
  const auto dispatcher = make(options);
  events::Chain chain;
  dispatcher->publish(record_of(scope, EventType::payment_failed, &chain));
  dispatcher->publish(record_of(scope, EventType::payment_success, &chain));
  store.clock.run_for(minutes(5));
  std::vector<std::string> order;
  for (const Received& got : received) order.emplace_back(got.headers.get("epay-sequence"));
  ASSERT_GE(order.size(), 5u);
  EXPECT_EQ((std::vector<std::string>(order.begin(), order.begin() + 4)),
            (std::vector<std::string>{"1", "1", "1", "2"}));
  EXPECT_EQ(count(scope, DeliveryStatus::delivered), 2u);
}

TEST_F(EndpointCare, RotatedSecretsSignSideBySideUntilTheOldOneExpires) {
  receive_at(1, {500, 500, 500});
  const Scope scope = store.merchant();
  DispatcherOptions options;
  options.schedule = RetrySchedule({minutes(1), hours(1), hours(30)});
  const auto dispatcher = make(options);
  dispatcher->publish(record(scope));
  store.clock.run_for(seconds(1));
  const auto key = endpoint_of(scope).key;
  const Secret fresh(std::string(32, 'n'));
  ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
    events::add_secret(tx, key, {events::SignatureScheme::v1, fresh, {}}, store.vault, hours(24), store.clock.now());
    return {};
  }));
  dispatcher->endpoint_changed(key);
  store.clock.run_for(hours(40));
  ASSERT_EQ(received.size(), 4u);
  for (std::size_t i = 0; i < received.size(); ++i) {
    const Received& got = received[i];
    const std::string timestamp(got.headers.get("webhook-timestamp"));
    const SignedMessage message{got.id, timestamp, got.headers.get("webhook-signature"), got.body};
    const auto verifies = [&](const Secret& secret) {
      return verify({{.bytes = secret}}, message, Timestamp{std::stoll(timestamp) * 1'000'000}).has_value();
    };
    EXPECT_EQ(verifies(Secret(std::string(32, 's'))), i < 3) << i;
    EXPECT_EQ(verifies(fresh), i > 0) << i;
  }
}

TEST_F(EndpointCare, ADeletedEndpointGetsNothingMore) {
  receive_at(1, std::vector<int>(3, 500));
  const Scope scope = store.merchant();
  const auto dispatcher = make();
  dispatcher->publish(record(scope, 3));
  store.clock.run_for(seconds(1));
  const auto key = endpoint_of(scope).key;
  ASSERT_TRUE(store.write([&](db::Transaction& tx) { return events::delete_endpoint(tx, key, store.clock.now()); }));
  dispatcher->endpoint_changed(key);
  dispatcher->publish(record(scope));
  const std::size_t before = received.size();
  store.clock.run_for(hours(50));
  EXPECT_EQ(received.size(), before);
  EXPECT_EQ(count(scope, DeliveryStatus::cancelled), 3u);
}

TEST_F(EndpointCare, ATestIsSentAtOnceWhateverTheStateOfItsEndpoint) {
  receive_at(1, {429});
  receivers[0]->retry_after = "3600";
  const Scope scope = store.merchant();
  const auto dispatcher = make();
  dispatcher->publish(record(scope));
  store.clock.run_for(seconds(5));
  const auto key = endpoint_of(scope).key;
  const auto ping = store.write([&](db::Transaction& tx) -> Result<events::Recorded> {
    return events::record_for(tx, {scope, EventType::ping, {}, "{}", store.clock.now()}, key.endpoint);
  });
  const auto attempt = run_task(store.clock, dispatcher->send_now(ping->deliveries.at(0)));
  ASSERT_TRUE(attempt);
  EXPECT_EQ(attempt->status, 200);
  EXPECT_EQ(attempt->answer, "answer");
  store.clock.run_for(seconds(1));
  EXPECT_EQ(received.size(), 2u);
  EXPECT_EQ(received[1].headers.get("epay-event"), "ping");
  // It has shown that it works: what waited follows as its own schedule has it.
  store.clock.run_for(hours(2));
  EXPECT_EQ(received.size(), 3u);
}

TEST_F(EndpointCare, OneDeliveryIsSentAgainWithTheSameIdAndAFreshSchedule) {
  receive_at(1, {200, 500, 500});
  const Scope scope = store.merchant();
  const auto dispatcher = make();
  dispatcher->publish(record(scope));
  store.clock.run_for(seconds(1));
  const auto delivery = deliveries(scope)[0];
  auto again = store.write([&](db::Transaction& tx) {
    return events::resend(tx, {scope.merchant, delivery.endpoint}, delivery.event, {}, store.clock.now());
  });
  ASSERT_TRUE(again);
  const Timestamp began = store.clock.now();
  dispatcher->publish({{}, {}, {*again}});
  store.clock.run_for(minutes(10));
  ASSERT_EQ(received.size(), 4u);
  std::set<std::string> ids;
  for (const Received& got : received) ids.insert(got.id);
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_EQ(received[3].attempt, "4");
  const auto times = arrivals(began);
  EXPECT_NEAR(double((times[2] - times[1]).count()) / 1e6, 5, 1.1);
  EXPECT_NEAR(double((times[3] - times[2]).count()) / 1e6, 300, 61);
}

TEST_F(EndpointCare, OneThatIsSentAgainWhileItIsUnderWayAndFailsIsSentAgain) {
  receive_at(1, {500});
  answers_after = seconds(2);
  const Scope scope = store.merchant();
  DispatcherOptions options;
  options.schedule = RetrySchedule(std::vector<microseconds>{});  // one try
  const auto dispatcher = make(options);
  dispatcher->publish(record(scope));
  store.clock.run_for(seconds(1));
  const auto delivery = deliveries(scope)[0];
  auto again = store.write([&](db::Transaction& tx) {
    return events::resend(tx, {scope.merchant, delivery.endpoint}, delivery.event, {}, store.clock.now());
  });
  dispatcher->publish({{}, {}, {*again}});
  store.clock.run_for(seconds(10));
  EXPECT_EQ(received.size(), 2u);
  EXPECT_EQ(deliveries(scope)[0].status, DeliveryStatus::delivered);
}

TEST_F(EndpointCare, ASuccessFromBeforeARestDoesNotEndIt) {
  receive_at(1, {200, 200, 200, 429, 200});
  receivers[0]->retry_after = "3600";
  const Scope scope = store.merchant();
  const auto dispatcher = make();
  dispatcher->publish(record(scope, 3));
  store.clock.run_for(seconds(1));
  // One is asked to wait while another is still under way, which then succeeds.
  answers_after = milliseconds(50);
  dispatcher->publish(record(scope));
  store.clock.run_for(milliseconds(20));
  dispatcher->publish(record(scope));
  store.clock.run_for(seconds(1));
  EXPECT_EQ(received.size(), 5u);
  dispatcher->publish(record(scope, 10));
  store.clock.run_for(minutes(50));
  EXPECT_EQ(received.size(), 5u);
  store.clock.run_for(minutes(20));
  EXPECT_EQ(received.size(), 16u);
}

TEST_F(EndpointCare, AnEventThatAnEndpointDidNotAskForDoesNotBreakTheOrder) {
  receive_at(1, {500});
  const Scope scope = store.merchant();
  const auto dispatcher = make();
  events::Chain chain;
  dispatcher->publish(record_of(scope, EventType::payment_failed, &chain));
  dispatcher->publish(record_of(scope, EventType::refund_failed, &chain));
  dispatcher->publish(record_of(scope, EventType::payment_success, &chain));
  store.clock.run_for(seconds(20));
  std::vector<std::string> order;
  for (const Received& got : received) order.emplace_back(got.headers.get("epay-sequence"));
  EXPECT_EQ(order, (std::vector<std::string>{"1", "1", "3"}));
}

TEST_F(EndpointCare, WhatWaitedForACancelledDeliveryIsCancelledToo) {
  receive_at(1, {500});
  const Scope scope = store.merchant();
  const auto dispatcher = make();
  events::Chain chain;
  for (const auto type : {EventType::payment_failed, EventType::payment_success, EventType::payment_success}) {
    dispatcher->publish(record_of(scope, type, &chain));
  }
  store.clock.run_for(seconds(1));
  EXPECT_EQ(count(scope, DeliveryStatus::blocked), 2u);
  const auto key = endpoint_of(scope).key;
  ASSERT_TRUE(store.write([&](db::Transaction& tx) { return events::delete_endpoint(tx, key, store.clock.now()); }));
  dispatcher->endpoint_changed(key);
  store.clock.run_for(seconds(1));
  EXPECT_EQ(count(scope, DeliveryStatus::cancelled), 3u);
}

TEST_F(EndpointCare, AnEndpointThatCannotBeUsedStopsNobody) {
  static constexpr db::Sql spoil{"UPDATE endpoints SET url = 'not a url' WHERE merchant_id = $1"};
  receive_at(1);
  const Scope scope = store.merchant(), other = store.merchant();
  ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
    tx.execute(spoil, scope.merchant);
    return {};
  }));
  const auto dispatcher = make();
  const auto key = endpoint_of(scope).key;
  const auto ping = store.write([&](db::Transaction& tx) -> Result<events::Recorded> {
    return events::record_for(tx, {scope, EventType::ping, {}, "{}", store.clock.now()}, key.endpoint);
  });
  EXPECT_FALSE(run_task(store.clock, dispatcher->send_now(ping->deliveries.at(0))));
  dispatcher->publish(*ping);
  dispatcher->publish(record(other));
  store.clock.run_for(minutes(5));
  EXPECT_EQ(received.size(), 1u);
}

TEST_F(EndpointCare, ARateLimitedEndpointIsServedThoughTheClockIsSetBack) {
  receive_at(1);
  const Scope scope = store.merchant();
  const auto dispatcher = make();
  change(*dispatcher, scope, [](auto& settings) { settings.rate_limit = 1; });
  store.clock.run_for(seconds(1));
  dispatcher->publish(record(scope, 2));
  store.clock.run_for(milliseconds(100));
  store.clock.jump_wall(-hours(1));
  dispatcher->publish(record(scope));
  store.clock.run_for(seconds(5));
  EXPECT_GE(received.size(), 2u);
}

}  // namespace
}  // namespace epay::webhooks
