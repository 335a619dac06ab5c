#include "webhooks/endpoint_settings.h"

#include <gtest/gtest.h>

#include "events/catalogue.h"
#include "http/client.h"
#include "simulation/memory_store.h"
#include "simulation/sim_network.h"

namespace epay::webhooks {
namespace {

using events::EndpointSettings;
using events::RequestExtras;
using Headers = std::vector<std::pair<std::string, std::string>>;
using Texts = std::vector<std::string>;
using Numbers = std::vector<std::int64_t>;

struct Row {
  std::string what;
  EndpointChanges changes;
  std::string field;   // "" when nothing is wrong
  std::string reason;  // a piece of the message
};

Row header(std::string name, std::string value, std::string reason) {
  const std::string field = reason.empty() ? "" : "headers." + name.substr(0, 60);
  return {"header " + name, {.headers = Headers{{name, std::move(value)}}}, field, std::move(reason)};
}

std::vector<Row> rows() {
  const std::string long_text(501, 'x');
  return {
      {"nothing", {}, "", ""},
      {"all of it",
       {.url = "https://shop.example.com/hook",
        .description = "Shop",
        .mode = "all",
        .events = Texts{"*"},
        .rate_limit = 1,
        .in_flight_max = 100,
        .timeout = 30,
        .retry_schedule = Numbers{1, 604'800},
        .headers = Headers{{"X-Shop", "a b"}},
        .credentials = Credentials{"basic", "me", "", ""}},
       "",
       ""},
      {"ftp", {.url = "ftp://example.com/"}, "url", "must begin with https:// or http://"},
      {"no host", {.url = "http:///x"}, "url", "has no host"},
      {"one number", {.url = "http://2130706433/"}, "url", "an address of four decimal numbers"},
      {"hexadecimal", {.url = "http://0x7f.1/"}, "url", "an address of four decimal numbers"},
      {"a user", {.url = "http://me:you@example.com/"}, "url", "user name or password"},
      {"a long URL", {.url = "http://example.com/" + std::string(1'982, 'a')}, "url", "longer than 2000"},
      {"the longest URL", {.url = "http://example.com/" + std::string(1'981, 'a')}, "", ""},
      {"a long description", {.description = long_text}, "description", "at most 500"},
      {"a mode", {.mode = "both"}, "mode", "test, live, all"},
      {"no events", {.events = Texts{}}, "events", "at least one"},
      {"an unknown event", {.events = Texts{"payment.success", "payment.sucess"}}, "events", "\"payment.sucess\""},
      {"* among others", {.events = Texts{"*", "ping"}}, "events", "alone"},
      {"rate 0", {.rate_limit = 0}, "rate_limit", "1 to 10000"},
      {"rate 10001", {.rate_limit = 10'001}, "rate_limit", "1 to 10000"},
      {"rate 10000", {.rate_limit = 10'000}, "", ""},
      {"101 in flight", {.in_flight_max = 101}, "in_flight_max", "1 to 100"},
      {"31 s", {.timeout = 31}, "timeout", "1 to 30"},
      {"a negative time", {.timeout = -1}, "timeout", "1 to 30"},
      {"no waits", {.retry_schedule = Numbers{}}, "retry_schedule", "1 to 30 waits"},
      {"31 waits", {.retry_schedule = Numbers(31, 5)}, "retry_schedule", "1 to 30 waits"},
      {"a wait of 0", {.retry_schedule = Numbers{5, 0}}, "retry_schedule", "1 to 604800"},
      {"a wait over a week", {.retry_schedule = Numbers{604'801}}, "retry_schedule", "1 to 604800"},
      header("X-Shop", "", ""),
      header("X-Shop", "line\r\nX-Evil: 1", "printable ASCII"),
      header("X-Shop", "é", "printable ASCII"),
      header("X-Shop", " a", "blank"),
      header("X Shop", "1", "no header's name"),
      header("", "1", "no header's name"),
      header("Authorization", "1", "use credentials"),
      header("Content-Type", "text/plain", "sets it"),
      header("webhook-id", "1", "sets it"),
      header("Epay-Anything", "1", "sets it"),
      header("host", "1", "sets it"),
      header("X", std::string(1'000, 'a'), "at most 1000"),
      header("X", std::string(999, 'a'), ""),
      {"21 headers",
       {.headers =
            [] {
              Headers headers;
              for (int i = 0; i < 21; ++i) headers.emplace_back("X-" + std::to_string(i), "1");
              return headers;
            }()},
       "headers",
       "at most 20"},
      {"a header twice", {.headers = Headers{{"X-A", "1"}, {"x-a", "2"}}}, "headers.x-a", "twice"},
      {"no credentials", {.credentials = Credentials{}}, "credentials.type", "basic or bearer"},
      {"no user", {.credentials = Credentials{"basic", "", "p", ""}}, "credentials.username", "required"},
      {"a colon", {.credentials = Credentials{"basic", "a:b", "p", ""}}, "credentials.username", "colon"},
      {"a long password", {.credentials = Credentials{"basic", "a", long_text, ""}}, "credentials.password", "500"},
      {"no token", {.credentials = Credentials{"bearer", "", "", ""}}, "credentials.token", "required"},
      {"a blank in a token", {.credentials = Credentials{"bearer", "", "", "a b"}}, "credentials.token", "blanks"},
  };
}

TEST(EndpointSettings, EachWrongOneIsNamedWithItsReason) {
  for (const Row& row : rows()) {
    const auto wrong = check_changes(row.changes);
    if (row.field.empty()) {
      EXPECT_TRUE(wrong.empty()) << row.what << ": " << (wrong.empty() ? "" : wrong.front().message);
      continue;
    }
    ASSERT_EQ(wrong.size(), 1u) << row.what;
    EXPECT_EQ(wrong.front().field, row.field) << row.what;
    EXPECT_TRUE(wrong.front().message.starts_with(row.field)) << row.what << ": " << wrong.front().message;
    EXPECT_TRUE(wrong.front().message.contains(row.reason)) << row.what << ": " << wrong.front().message;
  }
}

TEST(EndpointSettings, AllThatIsWrongIsFoundAtOnce) {
  const auto wrong = check_changes(
      {.url = "x", .mode = "x", .events = Texts{"x"}, .timeout = 99, .credentials = Credentials{"x", "", "", ""}});
  Texts fields;
  for (const FieldError& error : wrong) fields.push_back(error.field);
  EXPECT_EQ(fields, (Texts{"url", "mode", "events", "timeout", "credentials.type"}));
}

TEST(EndpointSettings, ChangesLeaveTheRestAsItIs) {
  EndpointSettings settings;
  RequestExtras extras;
  apply_changes({.url = "https://a.example/",
                 .description = "A",
                 .mode = "live",
                 .events = Texts{"ping", "payment.failed"},
                 .rate_limit = 5,
                 .timeout = 3,
                 .retry_schedule = Numbers{1, 2},
                 .headers = Headers{{"X-A", "1"}},
                 .credentials = Credentials{"basic", "Aladdin", "open sesame", ""}},
                settings, extras);
  EXPECT_EQ(settings.mode, Mode::live);
  EXPECT_EQ(names_of(settings.types), (std::vector<std::string_view>{"payment.failed", "ping"}));
  EXPECT_EQ(settings.in_flight_max, 10);
  EXPECT_EQ(extras.authorization, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617
  EXPECT_EQ(authorization_kind(extras.authorization), "basic");

  apply_changes({.timeout = 4, .credentials = Credentials{"bearer", "", "", "t0ken"}}, settings, extras);
  EXPECT_EQ(settings.url, "https://a.example/");
  EXPECT_EQ(settings.timeout, seconds(4));
  EXPECT_EQ(settings.rate_limit, 5);
  EXPECT_EQ(settings.schedule, (std::vector{seconds(1), seconds(2)}));
  EXPECT_EQ(extras.authorization, "Bearer t0ken");
  EXPECT_EQ(extras.headers.size(), 1u);
}

TEST(EndpointSettings, AnEmptyChangeGoesBackToTheDefault) {
  EndpointSettings settings{.url = "https://a.example/",
                            .mode = Mode::test,
                            .description = "A",
                            .types = events::EventTypes::all(),
                            .rate_limit = 5,
                            .in_flight_max = 3,
                            .timeout = seconds(3),
                            .schedule = std::vector{seconds(1)}};
  RequestExtras extras{{{"X-A", "1"}}, "Bearer x"};
  EndpointChanges reset;
  reset.description.emplace();
  reset.mode.emplace();
  reset.events.emplace();
  reset.rate_limit.emplace();
  reset.in_flight_max.emplace();
  reset.timeout.emplace();
  reset.retry_schedule.emplace();
  reset.headers.emplace();
  reset.credentials.emplace();
  EXPECT_FALSE(reset.none());
  EXPECT_TRUE(check_changes(reset).empty());
  apply_changes(reset, settings, extras);
  EXPECT_EQ(settings.url, "https://a.example/");
  EXPECT_FALSE(settings.description || settings.mode || settings.rate_limit || settings.timeout || settings.schedule);
  EXPECT_EQ(settings.in_flight_max, 10);
  EXPECT_EQ(names_of(settings.types), (std::vector<std::string_view>{"payment.success", "payment.failed"}));
  EXPECT_TRUE(extras.empty());
}

TEST(EndpointSettings, StarHasWhatWillBeAdded) {
  EndpointSettings settings;
  RequestExtras extras;
  apply_changes({.events = Texts{"*"}}, settings, extras);
  for (const events::EventKind& kind : events::catalogue()) EXPECT_TRUE(settings.types.contains(kind.type));
  EXPECT_EQ(names_of(settings.types), (std::vector<std::string_view>{"*"}));
}

struct Destination {
  std::string url;
  std::string refused;  // a piece of the message; "" when it may be used
};

TEST(EndpointSettings, DestinationsMustBePublic) {
  simulation::MemoryStore store;
  simulation::SimNetwork network(store.clock, store.random);
  network.set_host("localhost", {IpAddress::loopback()});
  network.set_host("rebound.example", {*IpAddress::parse("93.184.216.34"), *IpAddress::parse("10.0.0.7")});
  network.set_host("shop.example", {*IpAddress::parse("93.184.216.34")});
  http::Client client(store.clock, network, http::AddressGuard({}), {});
  const Destination destinations[] = {
      {"https://shop.example/hook", ""},
      {"http://shop.example/hook", ""},
      {"https://not-there-yet.example/hook", ""},
      {"http://[::ffff:127.0.0.1]/", "The address ::ffff:127.0.0.1 is not on the public internet"},
      {"http://[::1]/", "The address ::1 is not on the public internet"},
      {"http://2130706433/", "an address of four decimal numbers"},
      {"http://0x7f.1/", "an address of four decimal numbers"},
      {"http://169.254.169.254/latest/meta-data", "The address 169.254.169.254 is not on the public internet"},
      {"http://localhost:8080/", "localhost has the address 127.0.0.1, which is not on the public internet"},
      {"http://rebound.example/", "rebound.example has the address 10.0.0.7, which is not on the public internet"},
  };
  for (const Destination& row : destinations) {
    const auto checked = simulation::run_task(store.clock, check_destination(client, row.url));
    EXPECT_EQ(checked.has_value(), row.refused.empty()) << row.url;
    if (checked) continue;
    const Error& error = checked.error();
    EXPECT_EQ(error.code, ErrorCode::invalid) << row.url;
    ASSERT_EQ(error.fields.size(), 1u) << row.url;
    EXPECT_EQ(error.fields.front().field, "url");
    EXPECT_TRUE(error.message.contains(row.refused)) << error.message;
  }
}

}  // namespace
}  // namespace epay::webhooks
