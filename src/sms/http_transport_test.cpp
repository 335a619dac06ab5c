#include "sms/http_transport.h"

#include <gtest/gtest.h>

#include "http/router.h"
#include "http/server.h"
#include "runtime/task_group.h"
#include "simulation/run_task.h"
#include "simulation/sim_network.h"
#include "simulation/sim_random.h"

namespace epay::sms {
namespace {

using Fault = simulation::SimNetwork::Fault;

class HttpTransportTest : public testing::Test {
 protected:
  HttpTransportTest() {
    network.set_host("sms.example", {provider_at.ip});
    for (const char* method : {"POST", "PUT", "GET"}) {
      router.add(method, "/send", [this](http::Request& request) {
        asked.push_back(request);
        return give(answer);
      });
    }
    tasks.spawn(provider.serve(*network.listen(provider_at, {})));
  }
  ~HttpTransportTest() override {
    network.drop_all();
    clock.drop_all();
  }
  static Task<http::Response> give(http::Response response) { co_return response; }

  HttpOptions options() const {
    return {.url = "http://sms.example/send",
            .body = R"({"to":"{to}","text":"{text}","from":"{from}","id":"{id}"})",
            .from = "Epay",
            .headers = {{"Authorization", Secret("Bearer key")}}};
  }
  Result<> send(HttpOptions wanted, Envelope envelope = {"epay.1.2", "233240000000", "123456 is your code"}) {
    HttpTransport transport(client, std::move(wanted));
    return simulation::run_task(clock, transport.send(std::move(envelope)));
  }

  const SocketAddress provider_at{IpAddress::v4(93, 184, 216, 34), 80};
  simulation::SimClock clock;
  simulation::SimRandom random{1};
  simulation::SimNetwork network{clock, random};
  Log log{LogLevel::error, [this] { return clock.now(); }, [](LogLevel, std::string_view) {}};
  http::Client client{clock, network, http::AddressGuard({}), {}};
  http::Router router;
  http::Server provider{clock, random, log, router, {}};
  TaskGroup tasks{clock, log, "provider"};
  http::Response answer = http::Response::text(200, "ok");
  std::vector<http::Request> asked;
};

TEST_F(HttpTransportTest, FillsInTheTemplatesAsTheirKindWantsIt) {
  const Envelope tricky{"epay.1.2", "233240000000", "\"{to}\" & é\n{id}"};
  ASSERT_TRUE(send(options(), tricky).has_value());
  EXPECT_EQ(asked.at(0).body,
            "{\"to\":\"233240000000\",\"text\":\"\\\"{to}\\\" & é\\n{id}\",\"from\":\"Epay\",\"id\":\"epay.1.2\"}");
  EXPECT_EQ(asked.at(0).headers.get("authorization"), "Bearer key");
  EXPECT_EQ(asked.at(0).headers.get("content-type"), "application/json");

  auto form = options();
  form.content_type = "application/x-www-form-urlencoded";
  form.body = "to={to}&text={text}";
  form.method = "PUT";
  ASSERT_TRUE(send(form, tricky).has_value());
  EXPECT_EQ(asked.at(1).method, "PUT");
  EXPECT_EQ(asked.at(1).body, "to=233240000000&text=%22%7Bto%7D%22%20%26%20%C3%A9%0A%7Bid%7D");

  auto query = options();
  query.url = "http://sms.example/send?to={to}&text={text}";
  query.method = "GET";
  query.body = "";
  ASSERT_TRUE(send(query, tricky).has_value());
  EXPECT_EQ(asked.at(2).query_parameter("text"), tricky.text);
  EXPECT_EQ(asked.at(2).headers.find("content-type"), nullptr);
}

TEST_F(HttpTransportTest, AnAnswerThatIsNoYesIsARefusalOrMayDoBetterLater) {
  struct Row {
    int status;
    std::optional<ErrorCode> error;
  };
  for (const auto& [status, error] :
       {Row{200, {}}, Row{201, {}}, Row{202, {}}, Row{302, ErrorCode::unavailable}, Row{400, ErrorCode::refused},
        Row{401, ErrorCode::unavailable}, Row{403, ErrorCode::unavailable}, Row{404, ErrorCode::refused},
        Row{408, ErrorCode::unavailable}, Row{422, ErrorCode::refused}, Row{425, ErrorCode::unavailable},
        Row{429, ErrorCode::unavailable}, Row{500, ErrorCode::unavailable}, Row{503, ErrorCode::unavailable}}) {
    answer = http::Response::text(status, "said\nso");
    const auto sent = send(options());
    EXPECT_EQ(sent.has_value(), !error.has_value()) << status;
    if (error) {
      EXPECT_EQ(sent.error().code, *error) << status;
      EXPECT_EQ(sent.error().message, "the provider answered " + std::to_string(status) + ": said so");
    }
  }
}

TEST_F(HttpTransportTest, WhatAProviderRepeatsIsHidden) {
  answer = http::Response::text(400, "error 1403: cannot send \"123456 is your code\" to 233240000000");
  EXPECT_EQ(send(options()).error().message,
            "the provider answered 400: error 1403: cannot send \"****** is your code\" to ************");
}

TEST_F(HttpTransportTest, AProviderThatIsNotThereOrSaysNothing) {
  network.set_fault(provider_at, Fault::refuse);
  EXPECT_EQ(send(options()).error().code, ErrorCode::connection_failed);
  network.set_fault(provider_at, Fault::silent);
  const Ticks began = clock.ticks();
  EXPECT_FALSE(send(options()).has_value());
  EXPECT_LE(clock.ticks() - began, options().exchange_time_max + seconds(1));
}

TEST(HttpOptionsOfTexts, WrongOnesAreNamed) {
  const HttpOptions good{.url = "https://sms.example/send", .body = "{to} {text}"};
  EXPECT_TRUE(check_http_options(good).has_value());
  const auto check = [&](auto change, std::string_view begins) {
    HttpOptions wrong = good;
    change(wrong);
    const auto checked = check_http_options(wrong);
    ASSERT_FALSE(checked.has_value()) << begins;
    EXPECT_EQ(checked.error().code, ErrorCode::invalid);
    EXPECT_TRUE(checked.error().message.starts_with(begins)) << checked.error().message;
  };
  check([](HttpOptions& wrong) { wrong.url = "sms.example"; }, "url: ");
  check([](HttpOptions& wrong) { wrong.url = "https://me:you@sms.example/"; }, "url: ");
  check([](HttpOptions& wrong) { wrong.body = "{text}"; }, "body: must have {to}");
  check([](HttpOptions& wrong) { wrong.body = "{to}"; }, "body: must have {text}");
  check([](HttpOptions& wrong) { wrong.method = "DELETE"; }, "method: ");
}

}  // namespace
}  // namespace epay::sms
