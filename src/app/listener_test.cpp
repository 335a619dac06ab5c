#include "app/listener.h"

#include "simulation/listening.h"

namespace epay::app {
namespace {

using ListenerTest = simulation::Listening;
using Ids = std::vector<std::string>;
using Fault = simulation::SimNetwork::Fault;

Ids evts(int first, int last) {
  Ids ids;
  for (int id = first; id <= last; ++id) ids.push_back("evt_" + std::to_string(id));
  return ids;
}

TEST_F(ListenerTest, SendsWhatEpayWouldSend) {
  const std::string odd =
      R"({"success":true,"transaction":{"reference":"order-1","amount":"1.50","n":1.50,"x":"\/é\u0041"}})";
  record(odd);
  start();
  run_for(seconds(1));
  ASSERT_EQ(received.size(), 1u);
  const Received& one = received[0];
  EXPECT_EQ(one.body, odd);
  EXPECT_TRUE(one.signed_well);
  EXPECT_EQ(one.id, "evt_1");
  EXPECT_EQ(one.event, "payment.success");
  EXPECT_EQ(one.attempt, "1");
  EXPECT_EQ(one.sequence, "2");
  EXPECT_EQ(one.mode, "test");
  EXPECT_EQ(one.type, "application/json");
  EXPECT_TRUE(one.agent.starts_with("Epay-Webhooks/")) << one.agent;
  ASSERT_EQ(forwarded.size(), 1u);
  EXPECT_EQ(forwarded[0].event.reference(), "order-1");
  EXPECT_EQ(forwarded[0].status, 200);
  EXPECT_EQ(kept, std::vector<std::int64_t>{1});
  record(R"({"type":"payout.success","data":{"transaction":{"reference":"salary-7"}}})");
  record(R"({"type":"ping","data":{"message":"Hello"}})");
  run_for(seconds(1));
  ASSERT_EQ(forwarded.size(), 3u);
  EXPECT_EQ(forwarded[1].event.reference(), "salary-7");
  EXPECT_EQ(forwarded[2].event.reference(), "");
}

TEST_F(ListenerTest, GoesOnAfterItsCursor) {
  for (int i = 0; i < 5; ++i) record();
  start(3);
  run_for(seconds(1));
  EXPECT_EQ(ids(), evts(4, 5));
  EXPECT_EQ(asked, Ids{"after=3"});
}

// Each run cuts the stream's first connection one byte later.
TEST_F(ListenerTest, DisconnectsAnywhereLoseAndRepeatNothing) {
  for (int i = 0; i < 3; ++i) record();
  std::size_t bytes = 0;
  for (; bytes < 3'000; ++bytes) {
    SCOPED_TRACE(bytes);
    received.clear(), asked.clear(), notices.clear();
    network.break_next_connection_after(service_at, bytes);
    start();
    run_for(seconds(2));
    ASSERT_EQ(ids(), evts(1, 3));
    EXPECT_EQ(listener->summary().repeated, 0);
    const bool all_went_through = notices.empty();
    listener->stop();
    run_for(seconds(1));
    ASSERT_TRUE(ended && *ended);
    if (all_went_through) break;
  }
  // The request, the answer's head and three events.
  EXPECT_GT(bytes, 700u);
  EXPECT_LT(bytes, 3'000u);
}

TEST_F(ListenerTest, LocalDisconnectsAnywhereLoseNothing) {
  for (int i = 0; i < 3; ++i) record();
  for (std::size_t bytes = 0; bytes < 700; bytes += 3) {
    SCOPED_TRACE(bytes);
    received.clear(), forwarded.clear();
    network.break_next_connection_after(local_at, bytes);
    start();
    run_for(seconds(3));
    ASSERT_EQ(forwarded.size(), 3u);
    for (const ForwardedEvent& one : forwarded) EXPECT_TRUE(one.taken());
    // What came twice has the same id, by which a receiver knows it.
    Ids distinct = ids();
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    EXPECT_EQ(distinct, evts(1, 3));
    EXPECT_LE(received.size(), 4u);
    listener->stop();
    run_for(seconds(1));
  }
}

// A process of its own.
class Life final : public simulation::Listening {
 public:
  explicit Life(std::int64_t after) {
    for (int i = 0; i < 3; ++i) record();
    start(after);
  }
  void TestBody() override {}
  // Until as many steps were made, or everything was forwarded.
  bool live(int steps) {
    for (; steps > 0 && kept.empty(); --steps) clock.step();
    for (; steps > 0 && kept.back() < 3; --steps) clock.step();
    return !kept.empty() && kept.back() == 3;
  }
  using Listening::ids;
  using Listening::kept;
};

// Killed after any step: the next run goes on where the kept cursor stands.
TEST(ListenerKilled, RepeatsAtMostTheEventUnderWay) {
  bool finished = false;
  int steps = 0;
  for (; !finished && steps < 2'000; ++steps) {
    SCOPED_TRACE(steps);
    Life first(0);
    finished = first.live(steps);
    Life second(first.kept.empty() ? 0 : first.kept.back());
    finished || second.live(10'000);
    Ids all = first.ids();
    const Ids rest = second.ids();
    all.insert(all.end(), rest.begin(), rest.end());
    EXPECT_LE(all.size(), 4u);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    EXPECT_EQ(all, evts(1, 3));
  }
  EXPECT_TRUE(finished);
  EXPECT_GT(steps, 10);
}

TEST_F(ListenerTest, PassesOverWhatItHasHad) {
  for (int i = 0; i < 4; ++i) record();
  repeats_all = true;
  start(1);
  run_for(seconds(1));
  EXPECT_EQ(listener->summary().repeated, 1);
  garbage = "data: {}\n\n";
  run_for(seconds(3));
  EXPECT_EQ(asked.size(), 2u);
  EXPECT_EQ(ids(), evts(2, 4));
  EXPECT_EQ(listener->summary().repeated, 1 + 4);
  EXPECT_EQ(kept, (std::vector<std::int64_t>{2, 3, 4}));
}

TEST_F(ListenerTest, BeginningNowMissesNothingFromThenOn) {
  for (int i = 0; i < 3; ++i) record();
  refusals = {503, 503};
  start(std::nullopt);
  run_for(milliseconds(100));
  record();
  run_for(seconds(5));
  EXPECT_EQ(kept.front(), 3) << "the cursor is fixed before the first connection";
  EXPECT_EQ(ids(), evts(4, 4));
  EXPECT_EQ(asked.back(), "after=3");
}

TEST_F(ListenerTest, BeginsNowWhereNothingHasHappenedYet) {
  start(std::nullopt);
  run_for(seconds(1));
  EXPECT_EQ(kept, std::vector<std::int64_t>{0});
  record();
  run_for(seconds(1));
  EXPECT_EQ(ids(), evts(1, 1));
}

TEST_F(ListenerTest, BeginsNowWhereEverythingOfLateIsOfTheOtherMode) {
  record();
  others_of_late = 1;
  start(std::nullopt);
  run_for(seconds(1));
  EXPECT_EQ(kept, std::vector<std::int64_t>{2}) << "where the server's look back ended";
  EXPECT_EQ(ids(), Ids{});
}

TEST_F(ListenerTest, RenewsItsTokenBeforeItExpires) {
  token_life = minutes(10);
  start(0, true);
  for (int i = 0; i < 60; ++i) {
    record();
    run_for(minutes(1));
  }
  EXPECT_EQ(ids(), evts(1, 60));
  EXPECT_GE(tokens, 6);
  EXPECT_LE(tokens, 8);
  EXPECT_EQ(notices, Ids{});
  EXPECT_EQ(listener->summary().reconnects, 0);
}

TEST_F(ListenerTest, SignsInAgainWhenItsTokenIsRefusedBeforeItsTime) {
  start(0, true);
  record();
  run_for(seconds(1));
  EXPECT_EQ(tokens, 1);
  expires_at = clock.now();
  network.break_next_connection_after(service_at, 0);
  refusals = {503};
  garbage = "data: no event\n\n";
  record();
  run_for(seconds(5));
  EXPECT_EQ(ids(), evts(1, 2));
  EXPECT_EQ(tokens, 2);
  EXPECT_FALSE(ended.has_value());
}

TEST_F(ListenerTest, EndsWhereTryingAgainDoesNotHelp) {
  fixed_token_good = false;
  start();
  run_for(seconds(1));
  ASSERT_TRUE(ended && !*ended);
  EXPECT_EQ(ended->error().code, ErrorCode::unauthenticated);
  EXPECT_NE(ended->error().message.find("--merchant-key"), std::string::npos) << ended->error().message;
  credentials_good = false;
  start(0, true);
  run_for(seconds(1));
  ASSERT_TRUE(ended && !*ended);
  EXPECT_EQ(ended->error().message, "We couldn't verify your identity!");
  fixed_token_good = true;
  refusals = {400};
  start(0, false, {.types = "payment.success,payment.oops"});
  run_for(seconds(1));
  ASSERT_TRUE(ended && !*ended);
  EXPECT_EQ(ended->error().message, "not now");
  EXPECT_EQ(asked.back(), "after=0&type=payment.success%2Cpayment.oops");
  keeping_fails = true;
  record();
  start();
  run_for(seconds(1));
  ASSERT_TRUE(ended && !*ended);
  EXPECT_EQ(ended->error().message, "no room");
  EXPECT_EQ(received.size(), 1u);
}

TEST_F(ListenerTest, TriesAReceiverThatIsDownAFewTimesAndGoesOn) {
  record();
  record();
  network.set_fault(local_at, Fault::refuse);
  start();
  run_for(milliseconds(4'300));
  network.set_fault(local_at, Fault::none);
  run_for(seconds(5));
  ASSERT_EQ(forwarded.size(), 2u);
  EXPECT_FALSE(forwarded[0].taken());
  EXPECT_EQ(forwarded[0].tries, 4);
  EXPECT_FALSE(forwarded[0].failure.empty());
  EXPECT_TRUE(forwarded[1].taken());
  EXPECT_EQ(ids(), evts(2, 2));
  EXPECT_EQ(kept, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(listener->summary().not_taken, 1);
  ASSERT_GE(notices.size(), 1u);
  EXPECT_NE(notices[0].find("evt_1"), std::string::npos);
}

TEST_F(ListenerTest, TriesAgainAfterEachWaitWithTheSameId) {
  record();
  statuses = {500, 302, 429};
  start();
  run_for(seconds(10));
  ASSERT_EQ(received.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(received[i].id, "evt_1");
    EXPECT_EQ(received[i].attempt, std::to_string(i + 1));
    EXPECT_TRUE(received[i].signed_well);
    if (i == 0) continue;
    const microseconds waited = received[i].at - received[i - 1].at;
    EXPECT_GE(waited, Listener::try_again_after[i - 1]);
    EXPECT_LT(waited, Listener::try_again_after[i - 1] + milliseconds(100));
  }
  EXPECT_TRUE(forwarded.at(0).taken());
  EXPECT_EQ(notices.size(), 1u) << "it is said once";
}

TEST_F(ListenerTest, AReceiverThatHangsIsGivenUp) {
  record();
  record();
  statuses = {hang, hang, hang, hang};
  start();
  run_for(seconds(70));
  ASSERT_EQ(forwarded.size(), 2u);
  EXPECT_FALSE(forwarded[0].taken());
  EXPECT_TRUE(forwarded[1].taken());
}

TEST_F(ListenerTest, StrictStopsAtAnEventThatIsNotTaken) {
  record();
  record();
  statuses = {200, 500, 500, 500, 500};
  start(0, false, {.strict = true});
  run_for(seconds(10));
  ASSERT_TRUE(ended && !*ended);
  EXPECT_EQ(ended->error().code, ErrorCode::refused);
  EXPECT_NE(ended->error().message.find("evt_2"), std::string::npos);
  EXPECT_EQ(kept, std::vector<std::int64_t>{1});
  start(kept.back(), false, {.strict = true});
  run_for(seconds(1));
  EXPECT_EQ(received.back().id, "evt_2");
  EXPECT_EQ(kept, (std::vector<std::int64_t>{1, 2}));
}

TEST_F(ListenerTest, ComesBackSlowerAndSlowerAndSaysItOnce) {
  start();
  run_for(seconds(1));
  refusals.assign(12, 503);
  garbage = "data: {}\n\n";  // which is no event, so that the listener hangs up
  const Ticks began = clock.ticks();
  run_for(minutes(3));
  ASSERT_EQ(asked_at.size(), 14u);
  microseconds expected = Listener::backoff_least;
  Ticks before = began;
  for (std::size_t i = 1; i < asked_at.size(); ++i) {
    const microseconds waited = asked_at[i] - before;
    EXPECT_GE(waited, expected * 8 / 10) << i;
    EXPECT_LE(waited, expected * 12 / 10 + milliseconds(200)) << i;
    before = asked_at[i];
    expected = std::min(expected * 2, Listener::backoff_most);
  }
  ASSERT_EQ(notices.size(), 2u);
  EXPECT_TRUE(notices[0].starts_with("the connection is lost (")) << notices[0];
  EXPECT_EQ(notices[1], "connected again");
  EXPECT_EQ(listener->summary().reconnects, 1);
  record();
  run_for(seconds(1));
  EXPECT_EQ(ids(), evts(1, 1));
}

TEST_F(ListenerTest, AServiceThatIsNotThereYetIsWaitedFor) {
  network.set_fault(service_at, Fault::refuse);
  start(std::nullopt);
  run_for(seconds(20));
  EXPECT_EQ(notices.size(), 1u);
  network.set_fault(service_at, Fault::none);
  run_for(seconds(15));
  EXPECT_EQ(notices.size(), 2u);
  EXPECT_EQ(notices.back(), "connected");
  record();
  run_for(seconds(1));
  EXPECT_EQ(ids(), evts(1, 1));
}

TEST_F(ListenerTest, ASilentConnectionIsReplaced) {
  silent = true;
  start();
  run_for(seconds(1));
  EXPECT_EQ(asked.size(), 1u);
  run_for(Listener::silence_max);
  EXPECT_EQ(asked.size(), 2u);
  ASSERT_EQ(notices.size(), 2u);
  EXPECT_EQ(notices[0], "the connection is lost (nothing has come for 45 s); trying again until it is there");
}

TEST_F(ListenerTest, HeartbeatsKeepAConnection) {
  start();
  run_for(minutes(30));
  EXPECT_EQ(asked.size(), 1u);
  EXPECT_EQ(notices, Ids{});
}

TEST_F(ListenerTest, StopsFromEveryState) {
  start();
  run_for(seconds(1));
  listener->stop();  // while it waits for events
  run_for(seconds(1));
  ASSERT_TRUE(ended && *ended);

  network.set_fault(service_at, Fault::refuse);
  start();
  run_for(seconds(20));
  listener->stop();  // between connections
  run_for(milliseconds(1));
  ASSERT_TRUE(ended && *ended);
  network.set_fault(service_at, Fault::none);

  record();
  answers_after = seconds(2);
  start();
  run_for(seconds(1));
  EXPECT_TRUE(listener->forwarding());
  listener->stop();  // while the receiver has an event
  run_for(milliseconds(500));
  EXPECT_FALSE(ended.has_value());
  run_for(seconds(1));
  ASSERT_TRUE(ended && *ended);
  EXPECT_EQ(kept, std::vector<std::int64_t>{1}) << "it was taken";
  answers_after = microseconds(0);

  record();
  statuses = {500};
  start(1);
  run_for(milliseconds(100));
  listener->stop();  // between two tries
  run_for(milliseconds(1));
  ASSERT_TRUE(ended && *ended);
  EXPECT_EQ(kept, std::vector<std::int64_t>{1}) << "it is the next run's";
  start(kept.back());
  run_for(seconds(1));
  EXPECT_EQ(kept.back(), 2);
}

}  // namespace
}  // namespace epay::app
