// A service that streams events as /api/v1/events/stream does, a local receiver, and a listener between them, in
// virtual time: for tests.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "app/listener.h"
#include "base/json_writer.h"
#include "http/router.h"
#include "http/server.h"
#include "simulation/run_task.h"
#include "simulation/sim_network.h"
#include "simulation/sim_random.h"
#include "webhooks/signer.h"

namespace epay::simulation {

class Listening : public testing::Test {
 protected:
  static constexpr int hang = -1;
  inline static const SocketAddress service_at{IpAddress::v4(93, 184, 216, 34), 80};
  inline static const SocketAddress local_at{IpAddress::loopback(), 3000};

  struct Received {
    Timestamp at;
    std::string id, body, attempt, event, sequence, mode, type, agent;
    bool signed_well = false;
  };

  Listening() {
    network.set_host("pay.example", {service_at.ip});
    network.set_host("localhost", {local_at.ip});
    service_router.add("POST", "/api/v1/token", [this](http::Request&) { return give_token(); });
    service_router.add("GET", "/api/v1/events", [this](http::Request& request) { return newest(request); });
    service_router.add("GET", "/api/v1/events/stream", [this](http::Request& request) { return stream(request); });
    local_router.add("POST", "/hook", [this](http::Request& request) { return receive(request); });
    tasks.spawn(service.serve(*network.listen(service_at, {})));
    start_local();
  }
  ~Listening() override {
    network.drop_all();
    clock.drop_all();
  }

  // ---- the service ----

  void record(const std::string& payload = "") {
    const auto id = std::to_string(events.size() + 1);
    events.push_back(payload.empty() ? R"({"success":true,"transaction":{"reference":"order-)" + id + R"("}})"
                                     : payload);
  }
  static http::Response refuse(int status, const std::string& message) {
    JsonWriter json;
    json.begin_object().member("success", false).member("error_type", "api_error").member("message", message);
    return http::Response::json(status, json.end_object().take());
  }
  bool knows(const http::Request& request) const {
    const std::string_view token = request.headers.get("authorization");
    return token == "Bearer fixed" ? fixed_token_good
                                   : token == "Bearer T" + std::to_string(tokens) && clock.now() < expires_at;
  }
  Task<http::Response> give_token() {
    if (!credentials_good) co_return refuse(401, "We couldn't verify your identity!");
    expires_at = clock.now() + token_life;
    co_return http::Response::json(
        200, R"({"success":true,"message":"Verification Successful","data":{"access_token":"T)" +
                 std::to_string(++tokens) + R"(","expires_at":")" + expires_at.to_wire() + "\"}}");
  }
  Task<http::Response> newest(http::Request& request) {
    if (!knows(request)) co_return refuse(401, "Authorization Failed! ");
    EXPECT_EQ(request.query, "order=newest&limit=1");
    JsonWriter json;
    json.begin_object().member("success", true).key("events").begin_object().key("data").begin_array();
    // A page that looked back as far as a page does, and found none of this mode.
    const bool none_found = others_of_late > 0;
    const std::int64_t last = std::int64_t(events.size());
    if (last > 0 && !none_found) json.begin_object().member("id", last).end_object();
    json.end_array().member("next_cursor", none_found ? last + 1 : std::max<std::int64_t>(last, 1));
    json.member("has_more", none_found);
    co_return http::Response::json(200, json.end_object().end_object().take());
  }
  std::string on_wire(std::size_t id) const {
    JsonWriter json;
    json.begin_object().member("id", std::int64_t(id)).member("type", "payment.success").member("mode", "test");
    json.member("sequence", 2).member("created_at", "2026-01-25 12:53:29").key("payload").raw(events[id - 1]);
    return http::to_wire({std::to_string(id), "payment.success", json.end_object().take()});
  }
  Task<http::Response> stream(http::Request& request) {
    asked.push_back(request.query);
    asked_at.push_back(clock.ticks());
    if (!knows(request)) co_return refuse(401, "Authorization Failed! ");
    if (!refusals.empty()) {
      const int status = refusals.front();
      refusals.erase(refusals.begin());
      co_return refuse(status, "not now");
    }
    const std::size_t after = repeats_all ? 0 : std::stoul(*request.query_parameter("after"));
    co_return http::event_stream([this, after](http::BodyWriter& writer) -> Task<void> {
      std::size_t next = after + 1;
      Ticks beat = clock.ticks();
      for (;;) {
        if (!silent && clock.ticks() >= beat) {
          if (!co_await writer.write(http::heartbeat_on_wire)) co_return;
          beat = clock.ticks() + seconds(15);
        }
        for (; next <= events.size(); ++next) {
          if (!co_await writer.write(on_wire(next))) co_return;
        }
        if (!garbage.empty()) (void)co_await writer.write(std::exchange(garbage, {}));
        co_await clock.sleep(milliseconds(50));
      }
    });
  }

  // ---- the local receiver ----

  void start_local() {
    local = std::make_unique<http::Server>(clock, random, log, local_router, http::ServerOptions{});
    tasks.spawn(local->serve(*network.listen(local_at, {})));
  }
  Task<http::Response> receive(http::Request& request) {
    const auto header = [&](const char* name) { return std::string(request.headers.get(name)); };
    Received got{clock.now(),          header("webhook-id"),    request.body,        header("epay-delivery-attempt"),
                 header("epay-event"), header("epay-sequence"), header("epay-mode"), header("content-type"),
                 header("user-agent")};
    got.signed_well =
        webhooks::verify({{.bytes = secret}},
                         {got.id, header("webhook-timestamp"), header("webhook-signature"), request.body}, clock.now())
            .has_value();
    received.push_back(got);
    const int status = statuses.empty() ? 200 : statuses.front();
    if (!statuses.empty()) statuses.erase(statuses.begin());
    if (status == hang) co_await clock.sleep(hours(1000));
    co_await clock.sleep(answers_after);
    co_return http::Response::text(status, "answer");
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (const Received& one : received) all.push_back(one.id);
    return all;
  }

  // ---- the listener ----

  app::ApiAccess access(bool with_credentials) const {
    app::ApiAccess access{.server = *http::Url::parse("http://pay.example/")};
    if (with_credentials) {
      access.merchant_key = "key", access.app_id = "app", access.app_secret = Secret("secret");
    } else {
      access.token = Secret("fixed");
    }
    return access;
  }
  void start(std::optional<std::int64_t> after = 0, bool with_credentials = false, app::ListenerOptions options = {}) {
    options.forward_to = *http::Url::parse("http://localhost:3000/hook");
    options.secret = secret;
    ended.reset();
    api = std::make_unique<app::ApiClient>(clock, random, network, access(with_credentials));
    client = std::make_unique<http::Client>(clock, network, app::any_address(), http::ClientLimits{});
    listener = std::make_unique<app::Listener>(
        clock, random, *api, *client, options,
        app::ListenerReports{.keep =
                                 [this](std::int64_t cursor) {
                                   if (keeping_fails) return Result<>(fail(ErrorCode::unavailable, "no room"));
                                   kept.push_back(cursor);
                                   return Result<>();
                                 },
                             .forwarded = [this](const app::ForwardedEvent& one) { forwarded.push_back(one); },
                             .notice = [this](const std::string& text) { notices.push_back(text); }});
    listening.spawn(run(after));
  }
  Task<void> run(std::optional<std::int64_t> after) { ended = co_await listener->run(after); }
  void run_for(microseconds duration) { clock.run_for(duration); }

  SimClock clock;
  SimRandom random{1};
  SimNetwork network{clock, random};
  std::vector<std::string> log_lines;
  Log log{LogLevel::warning, [this] { return clock.now(); },
          [this](LogLevel, std::string_view line) { log_lines.emplace_back(line); }};
  const Secret secret{std::string(32, 's')};

  std::vector<std::string> events;  // payloads; ids are their places, from 1
  std::vector<std::string> asked;   // queries of the stream
  std::vector<Ticks> asked_at;
  std::vector<int> refusals;  // statuses that the stream answers with first
  std::string garbage;        // written to the stream once
  microseconds token_life = hours(1);
  Timestamp expires_at;
  int tokens = 0;
  int others_of_late = 0;  // events of the other mode, after the last one
  bool credentials_good = true, fixed_token_good = true, repeats_all = false, silent = false;
  http::Router service_router;
  http::Server service{clock, random, log, service_router, {}};

  std::vector<Received> received;
  std::vector<int> statuses;  // what the receiver answers first; then 200
  microseconds answers_after{0};
  http::Router local_router;
  std::unique_ptr<http::Server> local;

  std::vector<std::int64_t> kept;
  bool keeping_fails = false;
  std::vector<app::ForwardedEvent> forwarded;
  std::vector<std::string> notices;
  std::optional<Result<>> ended;
  std::unique_ptr<app::ApiClient> api;
  std::unique_ptr<http::Client> client;
  std::unique_ptr<app::Listener> listener;
  TaskGroup tasks{clock, log, "service"};
  TaskGroup listening{clock, log, "listener"};
};

}  // namespace epay::simulation
