// What connectors share: tokens of rails, addresses of callbacks, amounts, health, pace, routes.
#include <gtest/gtest.h>

#include "rails/callback_token.h"
#include "rails/health.h"
#include "rails/order_text.h"
#include "rails/pace.h"
#include "rails/rail_http.h"
#include "rails/rails.h"
#include "rails/reply_reader.h"
#include "rails/settings.h"
#include "rails/token_cache.h"
#include "runtime/task_group.h"
#include "simulation/run_task.h"
#include "simulation/scripted_rail.h"

namespace epay::rails {
namespace {

http::Json json(std::string_view text) { return *http::Json::parse(text); }

TEST(CallbackTokens, NameTheirReferenceAndCannotBeGuessed) {
  const Vault vault{Secret(std::string(Vault::key_bytes, 'k'))};
  const Vault other{Secret(std::string(Vault::key_bytes, 'o'))};
  const CallbackTokens tokens(vault);
  const std::string address = tokens.address("https://pay.example.com", "mtn", "abc");
  const std::string prefix = "https://pay.example.com/cb/mtn/";
  ASSERT_TRUE(address.starts_with(prefix));
  const std::string token = address.substr(prefix.size());
  EXPECT_EQ(token.size(), 3 + 1 + 32U);
  EXPECT_EQ(tokens.reference_in("mtn", token), "abc");
  EXPECT_EQ(tokens.reference_in("hubtel", token), std::nullopt);
  EXPECT_EQ(tokens.reference_in("mtn", "abd" + token.substr(3)), std::nullopt);
  EXPECT_EQ(tokens.reference_in("mtn", "abc"), std::nullopt);
  EXPECT_EQ(tokens.reference_in("mtn", "abc."), std::nullopt);
  EXPECT_EQ(tokens.reference_in("mtn", ""), std::nullopt);
  EXPECT_EQ(CallbackTokens(other).reference_in("mtn", token), std::nullopt);
}

TEST(ReplyReader, ReadsAmountsExactly) {
  struct Row {
    const char* written;
    std::optional<std::int64_t> major, minor;
  };
  const Row rows[] = {
      {R"({"a":"12.5"})", 1250, std::nullopt},
      {R"({"a":12.50})", 1250, std::nullopt},
      {R"({"a":"012.500"})", 1250, std::nullopt},
      {R"({"a":"12"})", 1200, 12},
      {R"({"a":12})", 1200, 12},
      {R"({"a":"12.0"})", 1200, 12},
      {R"({"a":"12.505"})", std::nullopt, std::nullopt},
      {R"({"a":"-1"})", std::nullopt, std::nullopt},
      {R"({"a":"0"})", std::nullopt, std::nullopt},
      {R"({"a":1e3})", std::nullopt, std::nullopt},
      {R"({"a":null})", std::nullopt, std::nullopt},
      {R"({"a":{"b":1}})", std::nullopt, std::nullopt},
      {R"({"a":""})", std::nullopt, std::nullopt},
      {R"({"b":1})", std::nullopt, std::nullopt},
      {R"({"a":"1 2"})", std::nullopt, std::nullopt},
      {R"({"a":99999999999999999999})", std::nullopt, std::nullopt},
  };
  for (const Row& row : rows) {
    const http::Json parsed = json(row.written);
    const auto major = major_units(member_of(parsed, "a"), Currency::ghs());
    const auto minor = minor_units(member_of(parsed, "a"), Currency::ghs());
    EXPECT_EQ(major ? std::optional(major->minor) : std::nullopt, row.major) << row.written;
    EXPECT_EQ(minor ? std::optional(minor->minor) : std::nullopt, row.minor) << row.written;
  }
  EXPECT_EQ(member_of(json("[1]"), "a"), nullptr);
  EXPECT_EQ(text_of(json("12"), "a"), std::nullopt);
}

TEST(OrderText, IsWhatATelephoneShowsAndACurrencyHas) {
  EXPECT_EQ(plain_text("Ama's order & caf\xc3\xa9, no. 5_a-b", 100), "Amas order  caf, no. 5_a-b");
  EXPECT_EQ(plain_text("abcdef", 3), "abc");
  EXPECT_EQ(plain_text("'&%", 100), "Payment");
  EXPECT_EQ(fixed_decimal({1250, Currency::ghs()}), "12.50");
  EXPECT_EQ(fixed_decimal({1200, Currency::ghs()}), "12.00");
  EXPECT_EQ(fixed_decimal({5, Currency::ghs()}), "0.05");
  EXPECT_EQ(fixed_decimal({1250, *Currency::parse("JPY")}), "1250");
  EXPECT_EQ(fixed_decimal({1250, *Currency::parse("KWD")}), "1.250");
}

TEST(RailHttp, HidesWhatIsNobodysToRead) {
  EXPECT_EQ(hidden(json(R"({"otp":"123456","Data":{"CustomerMsisdn":"233244123456","apiKey":"k"},"amount":5})")),
            R"({"otp":"***","Data":{"CustomerMsisdn":"233******456","apiKey":"***"},"amount":5})");
}

class TokenCacheTest : public testing::Test {
 protected:
  ~TokenCacheTest() override { clock.drop_all(); }
  Task<Result<TokenCache::Fresh>> fetch() {
    ++fetches;
    co_await clock.sleep(seconds(1));
    if (fails) co_return fail(ErrorCode::unavailable, "no");
    co_return TokenCache::Fresh{Secret("token " + std::to_string(fetches)), life};
  }
  Task<void> get_into(std::string& to) {
    const auto token = co_await cache.get();
    to = token ? token->reveal() : token.error().message;
  }
  std::string get() {
    std::string got;
    simulation::run_task(clock, get_into(got));
    return got;
  }
  void wait(microseconds time) {
    simulation::run_task(clock, [](Clock& c, microseconds t) -> Task<void> { co_await c.sleep(t); }(clock, time));
  }

  simulation::SimClock clock;
  Log log{LogLevel::error, [this] { return clock.now(); }, [](LogLevel, std::string_view) {}};
  int fetches = 0;
  bool fails = false;
  microseconds life = seconds(3600);
  TokenCache cache{clock, [this] { return fetch(); }};
};

TEST_F(TokenCacheTest, IsFetchedOnceForAllWhoWait) {
  std::vector<std::string> got(20);
  TaskGroup tasks(clock, log, "test");
  for (std::string& one : got) tasks.spawn(get_into(one));
  simulation::run_task(clock, tasks.wait_empty(Ticks::never()));
  EXPECT_EQ(fetches, 1);
  for (const std::string& one : got) EXPECT_EQ(one, "token 1");
}

TEST_F(TokenCacheTest, IsRenewedBeforeItsEndAndWhenItIsNotTaken) {
  EXPECT_EQ(get(), "token 1");
  wait(seconds(3600 - 660));
  EXPECT_EQ(get(), "token 1");
  wait(seconds(70));
  EXPECT_EQ(get(), "token 2");
  cache.reject(Secret("token 1"));  // an old one
  EXPECT_EQ(get(), "token 2");
  cache.reject(Secret("token 2"));
  EXPECT_EQ(get(), "token 3");
  // What is still good serves while no other can be had.
  wait(seconds(3100));
  fails = true;
  EXPECT_EQ(get(), "token 3");
  wait(seconds(600));
  EXPECT_EQ(get(), "no");
}

TEST_F(TokenCacheTest, AShortLifeIsUsedToItsHalf) {
  life = seconds(10);
  EXPECT_EQ(get(), "token 1");
  wait(seconds(3));
  EXPECT_EQ(get(), "token 1");
  wait(seconds(2));
  EXPECT_EQ(get(), "token 2");
}

Ticks at(int second) { return Ticks{0} + seconds(second); }

TEST(Health, ClosesAfterSilenceAndTriesNowAndThen) {
  Health health;
  for (int second = 0; second < 9; ++second) health.note_exchange(Health::Heard::unanswered, seconds(1), at(second));
  EXPECT_EQ(health.standing(at(9)), Standing::operational);  // ten seconds are not over
  EXPECT_TRUE(health.take(at(9)));
  health.note_exchange(Health::Heard::unanswered, seconds(1), at(20));
  EXPECT_EQ(health.standing(at(20)), Standing::closed);
  EXPECT_TRUE(health.take(at(20)));
  EXPECT_FALSE(health.take(at(21)));
  EXPECT_FALSE(health.take(at(34)));
  EXPECT_TRUE(health.take(at(35)));
  health.note_exchange(Health::Heard::answered, seconds(1), at(36));
  EXPECT_TRUE(health.take(at(36)));
  EXPECT_EQ(health.standing(at(36)), Standing::delayed);  // most of the last minutes went unanswered
  EXPECT_EQ(health.standing(at(400)), Standing::operational);
}

TEST(Health, IsDelayedByShareAndByMean) {
  Health slow, missing, fine;
  for (int i = 0; i < 20; ++i) {
    slow.note_exchange(Health::Heard::answered, seconds(6), at(i));
    missing.note_exchange(i % 5 == 0 ? Health::Heard::unanswered : Health::Heard::answered, seconds(1), at(i));
    fine.note_exchange(Health::Heard::answered, seconds(1), at(i));
    fine.note_end(i % 2 == 0, at(i));
  }
  EXPECT_EQ(slow.standing(at(20)), Standing::delayed);
  EXPECT_EQ(missing.standing(at(20)), Standing::delayed);
  EXPECT_EQ(fine.standing(at(20)), Standing::operational);  // customers who decline say nothing of the rail
  EXPECT_EQ(fine.figures(at(20)).succeeded, 10);
  EXPECT_EQ(fine.figures(at(20)).failed, 10);
  EXPECT_EQ(fine.figures(at(20)).mean, seconds(1));
  EXPECT_EQ(fine.figures(at(600)).answered, 0);
}

// A rail that serves what a test says.
class PlainRail final : public Rail {
 public:
  PlainRail(RailId id, std::string network) : id_(id), network_(std::move(network)) {}
  RailId id() const override { return id_; }
  Capabilities capabilities() const override { return {.queries_per_second_max = 2}; }
  bool serves_mode(Mode mode) const override { return mode == Mode::live; }
  bool serves(const Need& need) const override {
    return serves_mode(need.mode) && (network_.empty() || need.network.empty() || need.network == network_);
  }
  Task<Reply> collect(Order) override { co_return Pending{}; }
  Task<Reply> pay_out(Order) override { co_return Pending{}; }
  Task<Reply> submit_input(Order, std::string) override { co_return Pending{}; }
  Task<Reply> query(Order) override { co_return Pending{}; }

 private:
  RailId id_;
  std::string network_;
};

class RailsTest : public testing::Test {
 protected:
  RailsTest() {
    rails.add(std::make_unique<PlainRail>(RailId::mtn_momo, "mtn"));
    rails.add(std::make_unique<PlainRail>(RailId::paystack, ""));
  }
  ~RailsTest() override { clock.drop_all(); }
  std::string routed(const Need& need) {
    const auto rail = rails.route(need);
    return rail ? std::string((*rail)->name()) : rail.error().code == ErrorCode::unavailable ? "down" : "none";
  }
  void silence(RailId id, std::string_view network) {
    for (int i = 0; i < 6; ++i) {
      rails.note_reply(*rails.find(id, Mode::live), network, Unknown{"nothing"}, seconds(30));
      simulation::run_task(clock, [](Clock& c) -> Task<void> { co_await c.sleep(seconds(3)); }(clock));
    }
    // Each takes the try that is due.
    for (int i = 0; i < 2; ++i) (void)rails.route({.mode = Mode::live, .network = network});
  }

  simulation::SimClock clock;
  Rails rails{clock};
};

TEST_F(RailsTest, TheFirstThatServesItTakesItUnlessARouteSaysOtherwise) {
  EXPECT_EQ(routed({.mode = Mode::live, .network = "mtn"}), "mtn");
  EXPECT_EQ(routed({.mode = Mode::live, .network = "telecel"}), "paystack");
  EXPECT_EQ(routed({.mode = Mode::test}), "none");
  rails.set_routes({{.merchant = MerchantId{7}, .network = "mtn", .rails = {"paystack", "mtn"}},
                    {.network = "telecel", .rails = {"mtn"}}});
  EXPECT_EQ(routed({.merchant = {7}, .mode = Mode::live, .network = "mtn"}), "paystack");
  EXPECT_EQ(routed({.merchant = {8}, .mode = Mode::live, .network = "mtn"}), "mtn");
  EXPECT_EQ(routed({.mode = Mode::live, .network = "telecel"}), "none");
}

TEST_F(RailsTest, WhatDoesNotAnswerIsLeftOutForNewOrdersOnly) {
  silence(RailId::mtn_momo, "mtn");
  EXPECT_EQ(rails.condition({.mode = Mode::live, .network = "mtn"})->standing,
            Standing::operational);  // by the other one
  EXPECT_EQ(routed({.mode = Mode::live, .network = "mtn"}), "paystack");
  EXPECT_NE(rails.find(RailId::mtn_momo, Mode::live), nullptr);
  silence(RailId::paystack, "mtn");
  EXPECT_EQ(rails.condition({.mode = Mode::live, .network = "mtn"})->standing, Standing::closed);
  EXPECT_EQ(routed({.mode = Mode::live, .network = "mtn"}), "down");
  EXPECT_EQ(routed({.mode = Mode::live, .network = "telecel"}), "paystack");
  rails.note_reply(*rails.find(RailId::paystack, Mode::live), "mtn", Pending{}, seconds(1));
  EXPECT_EQ(routed({.mode = Mode::live, .network = "mtn"}), "paystack");
  EXPECT_EQ(rails.reports().size(), 3U);
  EXPECT_FALSE(rails.condition({.mode = Mode::test}).has_value());
}

TEST_F(RailsTest, QuestionsTakeTurns) {
  const Ticks began = clock.ticks();
  for (int i = 0; i < 5; ++i) simulation::run_task(clock, rails.wait_turn(*rails.find(RailId::mtn_momo, Mode::live)));
  EXPECT_EQ(clock.ticks() - began, seconds(2));
}

TEST(Settings, NamesEveryProblem) {
  std::vector<std::string> problems;
  const http::Json written =
      json(R"({"mode":"real","url":"ftp://x","keys":{"a":1},"secret":{"file":"/nowhere"},"extra":1})");
  Settings settings(written, "rails[0]", problems);
  settings.mode("mode");
  settings.address("url", "");
  settings.text("name");
  settings.secret("secret");
  auto keys = settings.object("keys");
  ASSERT_TRUE(keys.has_value());
  keys->secret("b");
  keys->end();
  settings.end();
  ASSERT_EQ(problems.size(), 7U);
  EXPECT_EQ(problems[0], "rails[0].mode: must be \"test\" or \"live\"");
  EXPECT_TRUE(problems[1].starts_with("rails[0].url: "));
  EXPECT_EQ(problems[2], "rails[0].name: is missing");
  EXPECT_EQ(problems[3], "rails[0].secret: the file /nowhere cannot be read, or is empty");
  EXPECT_EQ(problems[4], "rails[0].keys.b: is missing");
  EXPECT_EQ(problems[5], "rails[0].keys.a: is not known here");
  EXPECT_EQ(problems[6], "rails[0].extra: is not known here");
}

}  // namespace
}  // namespace epay::rails
