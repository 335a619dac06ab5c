#include "merchants/session.h"

#include <gtest/gtest.h>

#include "merchants/access_token.h"
#include "simulation/memory_store.h"

namespace epay::merchants {
namespace {

class SessionTest : public testing::Test {
 protected:
  template <class Body>
  auto write(Body body) {
    return store.write(std::move(body));
  }
  Timestamp now() const { return store.clock.now(); }
  std::string begin(const std::string& chance, SessionStage stage = SessionStage::signed_in) {
    const std::string token = make_access_token(key.merchant, chance);
    write([&](db::Transaction& tx) -> Result<> {
      begin_session(tx, {.user = key, .token = token, .stage = stage, .device = "Firefox", .address = "10.0.0.1"},
                    now());
      return {};
    }).value();
    return token;
  }
  std::optional<Session> find(const std::string& token) {
    return *write(
        [&](db::Transaction& tx) -> Result<std::optional<Session>> { return find_session(tx, token, now()); });
  }
  std::size_t count() {
    return write([&](db::Transaction& tx) -> Result<std::size_t> { return list_sessions(tx, key, now()).size(); })
        .value();
  }
  void touch(const std::string& token) {
    const auto session = find(token);
    ASSERT_TRUE(session.has_value());
    write([&](db::Transaction& tx) -> Result<> {
      touch_session(tx, *session, "10.0.0.2", now());
      return {};
    }).value();
  }
  void pass(microseconds time) { store.clock.run_for(time); }

  simulation::MemoryStore store;
  UserKey key{store.merchant(0).merchant, UserId{1}};
};

TEST_F(SessionTest, IsFoundByItsTokenAlone) {
  const std::string token = begin("first");
  const auto session = find(token);
  ASSERT_TRUE(session.has_value());
  EXPECT_EQ(session->user, key);
  EXPECT_EQ(session->device, "Firefox");
  EXPECT_EQ(session->mode, Mode::test);
  for (const std::string& wrong : {std::string(), std::string("x"), std::string("1x"), token + "y", "2" + token,
                                   token.substr(0, token.size() - 1), std::string(1'000, 'f')})
    EXPECT_FALSE(find(wrong).has_value()) << wrong;
}

TEST_F(SessionTest, TheStoreDoesNotHaveTheToken) {
  const std::string token = begin("very-secret-chance");
  static constexpr db::Sql select{"SELECT token_hash, device FROM sessions"};
  const auto rows = *write([&](db::Transaction& tx) -> Result<std::vector<std::string>> {
    return tx.query_all(select, [](const db::Row& row) { return row.string(0) + row.string(1); });
  });
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].find("very-secret"), std::string::npos);
  EXPECT_TRUE(find(token).has_value());
}

TEST_F(SessionTest, EndsWhenIdle) {
  const std::string token = begin("idle");
  pass(session_idle_max - seconds(1));
  EXPECT_TRUE(find(token).has_value());
  touch(token);
  pass(session_idle_max - seconds(1));
  EXPECT_TRUE(find(token).has_value());
  EXPECT_EQ(find(token)->address, "10.0.0.2");
  pass(seconds(1));
  EXPECT_FALSE(find(token).has_value());
  EXPECT_EQ(count(), 0u);
}

TEST_F(SessionTest, EndsInTheEndHoweverBusy) {
  const std::string token = begin("busy");
  for (microseconds lived{0}; lived + session_idle_max / 2 < session_life_max; lived += session_idle_max / 2) {
    touch(token);
    pass(session_idle_max / 2);
  }
  pass(session_idle_max / 2);
  EXPECT_FALSE(find(token).has_value());
}

TEST_F(SessionTest, TheSecondFactorIsNotWaitedForLong) {
  const std::string token = begin("half", SessionStage::second_factor_wanted);
  EXPECT_EQ(count(), 0u) << "half a session is none that is listed";
  pass(second_factor_wait_max - seconds(1));
  EXPECT_TRUE(find(token).has_value());
  pass(seconds(1));
  EXPECT_FALSE(find(token).has_value());
}

TEST_F(SessionTest, OneOrAllOthersAreEnded) {
  const std::string first = begin("first"), second = begin("second"), third = begin("third");
  const UserKey stranger{key.merchant, UserId{2}};
  write([&](db::Transaction& tx) -> Result<> {
    EXPECT_FALSE(end_session(tx, stranger, sha256(first)));
    EXPECT_TRUE(end_session(tx, key, sha256(first)));
    EXPECT_FALSE(end_session(tx, key, sha256(first)));
    return {};
  }).value();
  EXPECT_FALSE(find(first).has_value());
  begin("fourth");
  write([&](db::Transaction& tx) -> Result<> {
    EXPECT_EQ(end_other_sessions(tx, key, sha256(third)), 2);
    return {};
  }).value();
  EXPECT_FALSE(find(second).has_value());
  EXPECT_TRUE(find(third).has_value());
  write([&](db::Transaction& tx) -> Result<> {
    EXPECT_EQ(end_all_sessions(tx, key), 1);
    return {};
  }).value();
  EXPECT_EQ(count(), 0u);
}

TEST_F(SessionTest, ABrowserThatCallsItselfAtLengthIsCutAtACharacter) {
  const std::string token = make_access_token(key.merchant, "long");
  std::string name(session_device_max - 1, 'a');
  name += "é\xFF and more";
  write([&](db::Transaction& tx) -> Result<> {
    begin_session(tx, {.user = key, .token = token, .device = name}, now());
    return {};
  }).value();
  EXPECT_EQ(find(token)->device, std::string(session_device_max - 1, 'a'));
}

TEST_F(SessionTest, WhatHasExpiredIsDeletedWhenAnotherBegins) {
  begin("old");
  pass(session_idle_max);
  begin("new");
  static constexpr db::Sql all{"SELECT count(*) FROM sessions"};
  const auto rows = write([](db::Transaction& tx) -> Result<std::int64_t> {
    return *tx.query_one(all, [](const db::Row& row) { return row.integer(0); });
  });
  EXPECT_EQ(rows, 1);
}

}  // namespace
}  // namespace epay::merchants
