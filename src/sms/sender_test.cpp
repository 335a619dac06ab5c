#include "sms/sender.h"

#include <gtest/gtest.h>

#include <deque>

#include "simulation/memory_store.h"

namespace epay::sms {
namespace {

class Network final : public Transport {
 public:
  explicit Network(Clock& clock) : clock_(clock) {}
  Task<Result<>> send(Envelope envelope) override {
    sent.push_back({clock_.now(), std::move(envelope)});
    Result<> answer;
    if (!answers.empty()) {
      answer = answers.front();
      answers.pop_front();
    }
    co_return answer;
  }
  struct Sent {
    Timestamp at;
    Envelope envelope;
  };
  std::vector<Sent> sent;
  std::deque<Result<>> answers;

 private:
  Clock& clock_;
};

class TextSenderTest : public testing::Test {
 protected:
  ~TextSenderTest() override {
    store.clock.drop_all();
    store.database->drop_all();
  }
  void queue_one(const std::string& recipient = "233240000000", microseconds life = minutes(10)) {
    store
        .write([&](db::Transaction& tx) -> Result<> {
          const Timestamp now = store.clock.now();
          queue(tx, {MerchantId{1}, recipient, "123456 is your code", now + life}, now);
          return {};
        })
        .value();
    if (started) sender.notify();
  }
  void start() {
    sender.start();
    started = true;
    store.clock.run_ready();
  }
  // "tries sent? waits? has text?" of the latest
  std::string state() {
    static constexpr db::Sql select{
        "SELECT tries, sent_at IS NOT NULL, due_at IS NOT NULL, content <> '' FROM text_messages ORDER BY id DESC "
        "LIMIT "
        "1"};
    return *store.write([](db::Transaction& tx) -> Result<std::string> {
      return *tx.query_one(select, [](const db::Row& row) {
        std::string text;
        for (int column = 0; column < 4; ++column) text += std::to_string(row.integer(column)) + " ";
        return text;
      });
    });
  }
  static std::unexpected<Error> busy() { return fail(ErrorCode::unavailable, "the provider answered 503: busy"); }

  simulation::MemoryStore store;
  Network network{store.clock};
  Membership members{store.clock, store.log, *store.database};
  Sender sender{store.clock, store.log, *store.database, members, &network};
  bool started = false;
};

TEST_F(TextSenderTest, SendsAtOnceAndForgetsTheText) {
  start();
  queue_one();
  store.clock.run_for(seconds(1));
  ASSERT_EQ(network.sent.size(), 1u);
  EXPECT_EQ(network.sent[0].envelope.recipient, "233240000000");
  EXPECT_EQ(network.sent[0].envelope.text, "123456 is your code");
  EXPECT_EQ(state(), "1 1 0 0 ");
  for (const std::string& line : store.lines) {
    EXPECT_FALSE(line.contains("123456")) << line;
    EXPECT_FALSE(line.contains("240000000")) << line;
  }
}

TEST_F(TextSenderTest, WhatAnEarlierProcessLeftIsSent) {
  queue_one();
  start();
  store.clock.run_for(seconds(1));
  EXPECT_EQ(network.sent.size(), 1u);
}

TEST_F(TextSenderTest, TriesAgainUntilItIsTaken) {
  network.answers = {busy(), busy(), Result<>()};
  start();
  queue_one();
  store.clock.run_for(minutes(2));
  ASSERT_EQ(network.sent.size(), 3u);
  EXPECT_GE(network.sent[1].at - network.sent[0].at, *wait_after(1));
  EXPECT_GE(network.sent[2].at - network.sent[1].at, *wait_after(2));
  EXPECT_EQ(network.sent[0].envelope.id, network.sent[2].envelope.id);
  EXPECT_EQ(state(), "3 1 0 0 ");
}

TEST_F(TextSenderTest, GivesUpWhatIsRefusedOrOfNoUseAnyMore) {
  start();
  network.answers = {fail(ErrorCode::refused, "the provider answered 400: no such number")};
  queue_one();
  store.clock.run_for(minutes(20));
  EXPECT_EQ(network.sent.size(), 1u);
  EXPECT_EQ(state(), "1 0 0 0 ");
  network.answers = {busy(), busy(), busy(), busy(), busy(), busy(), busy(), busy(), busy()};
  queue_one("233240000001", seconds(30));
  store.clock.run_for(minutes(20));
  EXPECT_EQ(network.sent.size(), 4u) << "a try after its end is none";
  EXPECT_EQ(state(), "4 0 0 0 ");
  network.answers = {busy(), busy(), busy(), busy(), busy()};
  queue_one("233240000002", hours(1));
  store.clock.run_for(hours(1));
  EXPECT_EQ(network.sent.size(), 9u) << "five tries in all";
  EXPECT_EQ(state(), "5 0 0 0 ");
}

TEST_F(TextSenderTest, StopsWithinItsTime) {
  start();
  simulation::run_task(store.clock, sender.stop(store.clock.ticks() + seconds(1)));
  queue_one();
  store.clock.run_for(minutes(1));
  EXPECT_TRUE(network.sent.empty());
}

}  // namespace
}  // namespace epay::sms
