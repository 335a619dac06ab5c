// The dashboard's door and the log-in in virtual time: what takes hours to show itself, and stores that fail.
#include "pages/account/account.h"

#include <gtest/gtest.h>

#include "http/cookies.h"
#include "merchants/access_token.h"
#include "pages/forgery.h"
#include "pages/page.h"
#include "pages/sign_in_cookies.h"
#include "simulation/memory_store.h"

namespace epay::pages::account {
namespace {

using simulation::run_task;

class AccountTest : public testing::Test {
 protected:
  AccountTest() {
    account.add_routes(router);
    dashboard.add("GET", "/money", merchants::Permission::move_money, [](http::Request&, const Visitor& visitor) {
      return [](int mode) -> Task<http::Response> {
        co_return http::Response::text(200, std::to_string(mode));
      }(static_cast<int>(visitor.mode));
    });
  }

  http::Response ask(http::Request request) {
    request.origin = "http://localhost";
    request.client = IpAddress::loopback();
    return run_task(store.clock, router.answer(request));
  }
  http::Response get(const std::string& path, const std::string& cookie) {
    http::Request request{.method = "GET", .path = path};
    request.headers.add("Cookie", cookie);
    return ask(std::move(request));
  }
  http::Response post(const std::string& path, const std::string& fields, const std::string& cookie,
                      const Secret& key) {
    http::Request request{.method = "POST", .path = path};
    request.headers.add("Cookie", cookie);
    request.headers.add("Content-Type", "application/x-www-form-urlencoded");
    request.body = fields + "&csrf=" + masked_form_token(key, store.random);
    return ask(std::move(request));
  }
  http::Response log_in(const std::string& password) {
    return post("/login", "email=shop1%40example.com&password=" + password, "epay_visit=visit", Secret("visit"));
  }
  // Of a user with the role; the session begins now.
  std::string session_of(merchants::Role role) {
    const std::string chance = std::to_string(++sessions);
    const std::string token = merchants::make_access_token(merchant, chance);
    store
        .write([&](db::Transaction& tx) -> Result<> {
          const auto user = merchants::add_user(tx, {.merchant = merchant,
                                                     .name = "Somebody",
                                                     .email = chance + "@example.com",
                                                     .role = role,
                                                     .now = store.clock.now()});
          merchants::begin_session(tx, {.user = {merchant, *user}, .token = token}, store.clock.now());
          return {};
        })
        .value();
    return token;
  }
  void set_password(const std::string& password) {
    const auto hash = run_task(store.clock, passwords.hash(Secret(password)));
    store
        .write([&](db::Transaction& tx) -> Result<> {
          const auto owner = merchants::find_user_by_email(tx, "shop1@example.com");
          merchants::set_password(tx, owner->key, *hash, store.clock.now());
          return {};
        })
        .value();
  }

  simulation::MemoryStore store;
  MerchantId merchant = store.merchant(0).merchant;
  http::Router router;
  PasswordHasher passwords{store.clock, store.random, {PasswordHasher::Threading::inline_steps, {1, 8'192}}};
  Dashboard dashboard{{store.clock, store.random, store.log, *store.database, router}};
  WorkThread images{store.clock, {.threading = WorkThread::Threading::inline_steps}};
  int mails = 0, texts = 0, sessions = 0;
  Account account{{.clock = store.clock,
                   .random = store.random,
                   .log = store.log,
                   .database = *store.database,
                   .vault = store.vault,
                   .passwords = passwords,
                   .dashboard = dashboard,
                   .images = images,
                   .mail_queued = [this] { ++mails; },
                   .text_message_queued = [this] { ++texts; }}};
};

TEST_F(AccountTest, ARouteIsForThosePermitted) {
  for (const merchants::Role role : merchants::all_roles()) {
    const auto response = get("/money", "epay_session=" + session_of(role));
    EXPECT_EQ(response.status, merchants::may(role, merchants::Permission::move_money) ? 200 : 403)
        << merchants::name_of(role);
  }
  const auto stranger = get("/money", "epay_session=1xnobody");
  EXPECT_EQ(stranger.status, 303);
  EXPECT_EQ(stranger.headers.get("location"), "/login?next=%2Fmoney");
}

TEST_F(AccountTest, ABusySessionGoesOnAndAnIdleOneEnds) {
  const std::string cookie = "epay_session=" + session_of(merchants::Role::owner);
  for (int i = 0; i < 5; ++i) {
    store.clock.run_for(merchants::session_idle_max - minutes(1));
    EXPECT_EQ(get("/money", cookie).status, 200) << i;
  }
  store.clock.run_for(merchants::session_idle_max);
  EXPECT_EQ(get("/money", cookie).status, 303);
}

TEST_F(AccountTest, TheModeIsKeptWithTheSession) {
  const std::string token = session_of(merchants::Role::owner), other = session_of(merchants::Role::owner);
  EXPECT_EQ(get("/money", "epay_session=" + token).body, "1");
  const auto switched = post("/mode", "mode=live&next=/money", "epay_session=" + token, Secret(token));
  EXPECT_EQ(switched.headers.get("location"), "/money");
  EXPECT_EQ(get("/money", "epay_session=" + token).body, "2");
  EXPECT_EQ(get("/money", "epay_session=" + other).body, "1");
}

TEST_F(AccountTest, WhatIsSensitiveAsksAgainAfterAWhile) {
  set_password("correct+horse");
  const auto response = log_in("correct%2Bhorse");
  ASSERT_EQ(response.status, 303);
  std::string token;
  for (const auto& [name, value] : response.headers) {
    if (name == "Set-Cookie" && value.starts_with("epay_session=")) token = value.substr(13, value.find(';') - 13);
  }
  const std::string cookie = "epay_session=" + token;
  EXPECT_EQ(get("/settings/team", cookie).status, 200);
  store.clock.run_for(confirmation_life);
  EXPECT_EQ(get("/settings/team", cookie).headers.get("location"), "/confirm?next=%2Fsettings%2Fteam");
  EXPECT_EQ(post("/settings/merchant-key", "", cookie, Secret(token)).headers.get("location"),
            "/confirm?next=%2Fsettings");
  EXPECT_EQ(get("/settings", cookie).status, 200) << "looking is not sensitive";
  const auto confirmed = post("/confirm", "password=correct%2Bhorse&next=/settings/team", cookie, Secret(token));
  EXPECT_EQ(confirmed.headers.get("location"), "/settings/team");
  EXPECT_EQ(get("/settings/team", cookie).status, 200);
}

TEST_F(AccountTest, AStrangerNeverKeepsAnyoneOutForLong) {
  set_password("correct+horse");
  microseconds waited{0};
  int guesses = 0;
  // A day of guessing as fast as is let.
  while (waited < hours(24)) {
    const auto response = log_in("wrong");
    if (response.status == 429) {
      const seconds wait(std::stoi(std::string(response.headers.get("retry-after"))));
      EXPECT_LE(wait, merchants::password_tries.wait_max);
      store.clock.run_for(wait);
      waited += wait;
    } else {
      EXPECT_EQ(response.status, 422);
      ++guesses;
    }
  }
  EXPECT_LT(guesses, 150);
  store.clock.run_for(merchants::password_tries.wait_max);
  EXPECT_EQ(log_in("correct%2Bhorse").status, 303);
}

TEST_F(AccountTest, WhatPeopleAreCalledIsTextInTheFrameToo) {
  const std::string token = session_of(merchants::Role::owner);
  const std::string cookie = "epay_session=" + token;
  post("/settings/personal", "user_name=%7B%7Bcsrf%7D%7D%7B%7B%7Bcontent%7D%7D%7D%3Cb%3E&language=en", cookie,
       Secret(token));
  const std::string page = get("/settings", cookie).body;
  EXPECT_TRUE(page.contains("{{csrf}}{{{content}}}&lt;b&gt;")) << page;
  EXPECT_FALSE(page.contains("<b>"));
}

TEST_F(AccountTest, MailIsToldOfWhenThereIsSome) {
  set_password("correct+horse");
  post("/forgotten", "email=shop1%40example.com", "epay_visit=visit", Secret("visit"));
  EXPECT_EQ(mails, 1);
  static constexpr db::Sql links{"SELECT count(*) FROM mails WHERE text_body LIKE '%http://localhost/reset/%'"};
  EXPECT_EQ(*store.write([](db::Transaction& tx) -> Result<std::int64_t> {
    return *tx.query_one(links, [](const db::Row& row) { return row.integer(0); });
  }),
            1);
}

TEST_F(AccountTest, ADeviceIsNamedAsPeopleDo) {
  const Texts& english = texts_of("en");
  struct Row {
    const char *agent, *name;
  };
  for (const auto& [agent, name] : {
           Row{"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
               "Chrome on Android"},
           Row{"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
               "Edge on Windows"},
           Row{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/18 Safari/605",
               "Safari on macOS"},
           Row{"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"},
           Row{"curl/8.0", "curl"},
           Row{"", "Unknown device"},
       }) {
    EXPECT_EQ(describe_device(agent, english), name);
  }
}

TEST_F(AccountTest, AWaitIsSaidInWords) {
  const Texts& english = texts_of("en");
  EXPECT_EQ(in_words(seconds(1), english), "1 second");
  EXPECT_EQ(in_words(milliseconds(1'500), english), "2 seconds");
  EXPECT_EQ(in_words(seconds(90), english), "2 minutes");
  EXPECT_EQ(in_words(minutes(15), english), "15 minutes");
  EXPECT_EQ(in_words(hours(6), texts_of("fr")), "6 heures");
}

}  // namespace
}  // namespace epay::pages::account
