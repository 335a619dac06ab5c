#include "http/server.h"

#include <gtest/gtest.h>

#include "simulation/run_task.h"
#include "simulation/sim_network.h"
#include "simulation/sim_random.h"

namespace epay::http {
namespace {

using simulation::run_task;

Task<Response> echo(Request& request) {
  Response response =
      Response::text(200, request.method + " " + request.path + "?" + request.query + " " + request.body);
  response.headers.add("X-Client", request.client.to_string());
  response.headers.add("X-Origin", request.origin);
  co_return response;
}

Task<Response> fail_badly(Request&) { throw std::runtime_error("out of luck"); }
Task<Response> break_out(Request& request) {
  Response response = Response::text(200, "");
  response.headers.add("X-Query", *request.query_parameter("q"));
  co_return response;
}
Task<Response> empty(Request&) { co_return Response{204, {}, ""}; }

// A server on a simulated network, and a client that sends bytes.
class World {
 public:
  explicit World(ServerOptions options = {})
      : server(clock, random, log, routes(), std::move(options)), group(clock, log, "test") {
    group.spawn(server.serve(*network.listen(at, {})));
  }
  ~World() {
    run_task(clock, server.stop(clock.ticks() + seconds(1)));
    EXPECT_EQ(server.connections(), 0u);
  }

  const Router& routes() {
    router.add("GET", "/echo", echo);
    router.add("POST", "/echo", echo);
    router.add("GET", "/", echo);
    router.add("GET", "/throw", fail_badly);
    router.add("GET", "/inject", break_out);
    router.add("GET", "/empty", empty);
    router.add("GET", "/slow", [this](Request&) { return slowly(); });
    return router;
  }
  Task<Response> slowly() {
    co_await clock.sleep(milliseconds(500));
    co_return Response::text(200, "at last");
  }

  std::unique_ptr<Stream> connect() { return std::move(*run_task(clock, network.connect(at, {}, Ticks::never()))); }
  void send(Stream& stream, std::string_view bytes) { (void)run_task(clock, stream.write(bytes, Ticks::never())); }
  // What comes until the server closes, or until nothing came for `patience`.
  std::string receive(Stream& stream, microseconds patience = seconds(200)) {
    std::string all;
    std::array<char, 1000> piece;
    for (;;) {
      const auto count = run_task(clock, stream.read_some(piece, clock.ticks() + patience));
      if (!count || *count == 0) return all;
      all.append(piece.data(), *count);
    }
  }
  // Everything that a fresh connection answers to these bytes.
  std::string exchange(std::string_view bytes) {
    const auto stream = connect();
    send(*stream, bytes);
    return receive(*stream);
  }

  simulation::SimClock clock;
  simulation::SimRandom random{1};
  simulation::SimNetwork network{clock, random};
  std::vector<std::string> logged;
  Log log{LogLevel::info, [this] { return clock.now(); },
          [this](LogLevel, std::string_view line) { logged.emplace_back(line); }};
  Router router;
  SocketAddress at{IpAddress::loopback(), 80};
  Server server;
  TaskGroup group;
};

struct Row {
  std::string what;
  std::string sent;
  std::vector<std::string> contained;  // in what is answered
  std::vector<std::string> absent = {};
};

void check(const Row& row) {
  SCOPED_TRACE(row.what);
  World world;
  const std::string answer = world.exchange(row.sent);
  for (const std::string& text : row.contained)
    EXPECT_NE(answer.find(text), std::string::npos) << text << "\nnot in\n" << answer;
  for (const std::string& text : row.absent)
    EXPECT_EQ(answer.find(text), std::string::npos) << text << "\nin\n" << answer;
}

TEST(Server, AnswersWhatIsWellFormed) {
  const Row rows[] = {
      {"simple",
       "GET /echo?a=1 HTTP/1.1\r\nHost: h\r\nX-Request-Id: abc-1\r\nConnection: close\r\n\r\n",
       {"HTTP/1.1 200 OK\r\n", "GET /echo?a=1 ", "X-Request-Id: abc-1\r\n", "Connection: close\r\n",
        "Content-Length: 14\r\n", "Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n", "X-Origin: http://h\r\n",
        "X-Client: 127.0.0.1\r\n"}},
      {"body",
       "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
       {"200 OK", "POST /echo? hello", "Connection: keep-alive"}},
      {"chunks",
       "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nA: "
       "b\r\n\r\n",
       {"POST /echo? hello"}},
      {"head",
       "HEAD /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
       {"Content-Length: 12\r\n"},
       {"HEAD /echo"}},
      {"no content",
       "GET /empty HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
       {"204 No Content"},
       {"Content-Length"}},
      {"slashes", "GET //echo/// HTTP/1.1\r\nHost: h\r\n\r\n", {"GET /echo? "}},
      {"escaped path", "GET /%65cho HTTP/1.1\r\nHost: h\r\n\r\n", {"200 OK", "GET /%65cho? "}},
      {"absolute form", "GET http://other/echo?x HTTP/1.1\r\nHost: h\r\n\r\n", {"GET /echo?x "}},
      {"absolute form without path", "GET http://other HTTP/1.1\r\nHost: h\r\n\r\n", {"GET /? "}},
      {"pipelined",
       "GET /echo?1 HTTP/1.1\r\nHost: h\r\n\r\nGET /echo?2 HTTP/1.1\r\nHost: h\r\n\r\n\r\nGET /echo?3 "
       "HTTP/1.1\r\nHost: h\r\n\r\n",
       {"GET /echo?1 ", "GET /echo?2 ", "GET /echo?3 "}},
      {"after close nothing more",
       "GET /echo?1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nGET /echo?2 HTTP/1.1\r\nHost: h\r\n\r\n",
       {"GET /echo?1 "},
       {"GET /echo?2 "}},
      {"1.0", "GET /echo HTTP/1.0\r\n\r\n", {"200 OK", "Connection: close", "X-Origin: http://localhost"}},
      {"1.0 keep-alive", "GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", {"200 OK", "Connection: keep-alive"}},
      {"expectation, body held back",
       "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
       {"HTTP/1.1 100 Continue\r\n\r\n"}},
      {"expectation, body there",
       "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
       {"hello"},
       {"100 Continue"}},
      {"odd request id is replaced", "GET /echo HTTP/1.1\r\nHost: h\r\nX-Request-Id: a b\r\n\r\n", {"200 OK"}, {"a b"}},
      {"no such path",
       "GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n",
       {"404 Not Found", R"("success":false,"error_type":"invalid_request_error")"}},
      {"no such method",
       "DELETE /echo HTTP/1.1\r\nHost: h\r\n\r\n",
       {"405 Method Not Allowed", "Allow: GET, POST\r\n"}},
      {"throws",
       "GET /throw HTTP/1.1\r\nHost: h\r\n\r\nGET /echo HTTP/1.1\r\nHost: h\r\n\r\n",
       {"500 Internal",
        R"({"success":false,"error_type":"api_error","message":"Something went wrong on our side. Please try again."})",
        "200 OK"},
       {"out of luck"}},
      {"header injection",
       "GET /inject?q=a%0d%0aSet-Cookie:%20x HTTP/1.1\r\nHost: h\r\n\r\n",
       {"500 Internal"},
       {"Set-Cookie"}},
  };
  for (const Row& row : rows) check(row);
}

TEST(Server, RefusesWhatIsMalformed) {
  const std::string head = "POST /echo HTTP/1.1\r\nHost: h\r\n";
  const std::vector<std::string> bad = {"HTTP/1.1 400 Bad Request", "Connection: close",
                                        R"("error_type":"invalid_request_error")"};
  const Row rows[] = {
      {"not HTTP", "\x16\x03\x01\x02", bad},
      {"garbage line", "hello there\r\n\r\n", bad},
      {"no Host", "GET /echo HTTP/1.1\r\n\r\n", bad},
      {"two Hosts", "GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", bad},
      {"odd Host", "GET /echo HTTP/1.1\r\nHost: a/b\r\n\r\n", bad},
      {"empty Host", "GET /echo HTTP/1.1\r\nHost:\r\n\r\n", bad},
      {"HTTP/2", "GET /echo HTTP/2.0\r\nHost: a\r\n\r\n", bad},
      {"length and chunks", head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", bad},
      {"chunks and length", head + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", bad},
      {"two lengths", head + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", bad},
      {"length list", head + "Content-Length: 5, 5\r\n\r\nhello", bad},
      {"negative length", head + "Content-Length: -5\r\n\r\nhello", bad},
      {"length too long", head + "Content-Length: 99999999999999999999999\r\n\r\n", bad},
      {"other coding", head + "Transfer-Encoding: gzip\r\n\r\n", bad},
      {"two codings", head + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", bad},
      {"chunked twice", head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", bad},
      {"bad chunk size", head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", bad},
      {"chunk longer than it says", head + "Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n", bad},
      {"length in a trailer", head + "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 9\r\n\r\n", bad},
      {"endless chunk line", head + "Transfer-Encoding: chunked\r\n\r\n2;" + std::string(40'000, 'x'), bad},
      {"chunks in 1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", bad},
      {"blank before colon", "GET /echo HTTP/1.1\r\nHost : h\r\n\r\n", bad},
      {"NUL in a value", std::string("GET /echo HTTP/1.1\r\nHost: h\r\nA: b") + '\0' + "c\r\n\r\n", bad},
      {"bare line feeds", "GET /echo HTTP/1.1\nHost: h\n\n", bad},
      {"encoded NUL", "GET /a%00b HTTP/1.1\r\nHost: h\r\n\r\n", bad},
      {"bad escape", "GET /a%zz HTTP/1.1\r\nHost: h\r\n\r\n", bad},
      {"cut escape", "GET /a%2 HTTP/1.1\r\nHost: h\r\n\r\n", bad},
      {"dots", "GET /a/../b HTTP/1.1\r\nHost: h\r\n\r\n", bad},
      {"encoded dots", "GET /a/%2e%2E/b HTTP/1.1\r\nHost: h\r\n\r\n", bad},
      {"tunnel", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", bad},
      {"other expectation", head + "Expect: tea\r\nContent-Length: 1\r\n\r\n", {"417 Expectation Failed"}},
      {"large header",
       "GET /echo HTTP/1.1\r\nHost: h\r\nA: " + std::string(17'000, 'a') + "\r\n\r\n",
       {"431 Request Header"}},
      {"long target", "GET /" + std::string(17'000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", {"431 Request Header"}},
      {"large body said", head + "Content-Length: 1048577\r\n\r\n", {"413 Content Too Large", "Connection: close"}},
      {"large body expected",
       head + "Content-Length: 1048577\r\nExpect: 100-continue\r\n\r\n",
       {"413 Content Too Large"},
       {"100 Continue"}},
      {"large chunk", head + "Transfer-Encoding: chunked\r\n\r\n100001\r\n", {"413 Content Too Large"}},
      {"body cut", head + "Content-Length: 5\r\n\r\nhel", {"408 Request Timeout"}},
      {"header cut", "GET /echo HTTP/1.1\r\nHos", {"408 Request Timeout"}},
      {"nothing at all", "", {}, {"HTTP"}},
  };
  for (const Row& row : rows) check(row);
}

TEST(Server, TakesTheLargestHeaderAndBody) {
  World world;
  const std::string start = "GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nA: ";
  const std::string end = "\r\n\r\n";
  const std::string filler(16 * 1024 - start.size() - end.size() - 1, 'a');
  EXPECT_NE(world.exchange(start + filler + end).find("200 OK"), std::string::npos);
  const std::string body(1024 * 1024, 'b');
  const auto answer =
      world.exchange("POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 1048576\r\n\r\n" + body);
  EXPECT_NE(answer.find("200 OK"), std::string::npos);
  EXPECT_TRUE(answer.ends_with(body));
}

TEST(Server, TakesARequestByteByByte) {
  World world;
  const auto stream = world.connect();
  for (const char byte :
       std::string_view("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")) {
    world.send(*stream, {&byte, 1});
    world.clock.run_for(milliseconds(1));
  }
  EXPECT_NE(world.receive(*stream, seconds(1)).find("POST /echo? abc"), std::string::npos);
}

TEST(Server, AnswersATooLargeBodyWhileItIsBeingSent) {
  World world;
  const auto stream = world.connect();
  world.send(*stream, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 8000000\r\n\r\n" + std::string(100'000, 'x'));
  std::array<char, 4096> piece;
  const auto count = run_task(world.clock, stream->read_some(piece, Ticks::never()));
  ASSERT_TRUE(count && *count > 0);
  EXPECT_TRUE(std::string_view(piece.data(), *count).starts_with("HTTP/1.1 413 "));
  world.send(*stream, std::string(500'000, 'x'));  // it is still being listened to, or this would fail
  EXPECT_EQ(world.receive(*stream), "");
}

TEST(Server, ClosesWhoIsTooSlow) {
  const auto closed_after = [](std::string_view sent, std::string_view trickled) {
    World world;
    const auto stream = world.connect();
    world.send(*stream, sent);
    const Ticks began = world.clock.ticks();
    for (int i = 0; i < 200 && stream->is_reusable(); ++i) {
      (void)run_task(world.clock, stream->write(trickled, Ticks::never()));
      world.clock.run_for(seconds(1));
    }
    return std::chrono::duration_cast<seconds>(world.clock.ticks() - began).count();
  };
  EXPECT_NEAR(static_cast<double>(closed_after("", "")), 10, 1);
  EXPECT_NEAR(static_cast<double>(closed_after("GET /echo HTTP/1.1\r\nHost: h\r\nA: ", "a")), 10, 1);
  EXPECT_NEAR(static_cast<double>(closed_after("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n", "a")),
              30, 1);
}

TEST(Server, KeepsAConnectionForItsIdleTime) {
  World world;
  const auto stream = world.connect();
  world.send(*stream, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_NE(world.receive(*stream, seconds(1)), "");
  world.clock.run_for(seconds(73));
  EXPECT_TRUE(stream->is_reusable());
  world.clock.run_for(seconds(2));
  EXPECT_FALSE(stream->is_reusable());
}

TEST(Server, MakesRoomByClosingTheLongestIdle) {
  ServerOptions options;
  options.limits.connections_max = 3;
  World world(options);
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 3; ++i) streams.push_back(world.connect());
  world.send(*streams[0], "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  (void)world.receive(*streams[0], milliseconds(10));
  streams.push_back(world.connect());
  world.clock.run_for(milliseconds(10));
  EXPECT_TRUE(streams[0]->is_reusable());
  EXPECT_FALSE(streams[1]->is_reusable());
  EXPECT_TRUE(streams[2]->is_reusable());
  EXPECT_TRUE(streams[3]->is_reusable());
  EXPECT_EQ(world.server.connections(), 3u);
}

TEST(Server, TurnsAwayWhenAllAreBusy) {
  ServerOptions options;
  options.limits.connections_max = 1;
  World world(options);
  const auto busy = world.connect();
  world.send(*busy, "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  world.clock.run_for(milliseconds(1));
  const auto late = world.connect();
  EXPECT_EQ(world.receive(*late), "");
  EXPECT_NE(world.receive(*busy, seconds(1)).find("at last"), std::string::npos);
}

TEST(Server, StopsAfterTheRequestsThatHaveBegun) {
  World world;
  const auto idle = world.connect();
  const auto busy = world.connect();
  world.send(*busy, "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  world.clock.run_for(milliseconds(1));
  run_task(world.clock, world.server.stop(world.clock.ticks() + seconds(5)));
  EXPECT_EQ(world.server.connections(), 0u);
  const std::string answer = world.receive(*busy);
  EXPECT_NE(answer.find("at last"), std::string::npos);
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_EQ(world.receive(*idle), "");
  EXPECT_FALSE(run_task(world.clock, world.network.connect(world.at, {}, Ticks::never())).has_value());
}

TEST(Server, BelievesOnlyTrustedProxies) {
  struct Case {
    std::string trusted, headers, client, origin;
  };
  const Case cases[] = {
      {"", "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\n", "127.0.0.1",
       "http://h"},
      {"127.0.0.0/8", "", "127.0.0.1", "http://h"},
      {"127.0.0.0/8", "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: pay.example\r\n",
       "9.9.9.9", "https://pay.example"},
      {"127.0.0.0/8", "X-Forwarded-For: 6.6.6.6, 9.9.9.9, 127.0.0.2\r\n", "9.9.9.9", "http://h"},
      {"127.0.0.0/8", "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 9.9.9.9:1234\r\n", "9.9.9.9", "http://h"},
      {"127.0.0.0/8", "X-Forwarded-For: [2001:db8::1]:1234\r\n", "2001:db8::1", "http://h"},
      {"127.0.0.0/8", "X-Forwarded-For: 6.6.6.6, nonsense\r\n", "127.0.0.1", "http://h"},
      {"127.0.0.1", "X-Forwarded-For: 9.9.9.9, 127.0.0.2\r\n", "127.0.0.2", "http://h"},
      {"127.0.0.0/8", "X-Forwarded-Proto: gopher\r\nX-Forwarded-Host: a b\r\n", "127.0.0.1", "http://h"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.trusted + " " + c.headers);
    ServerOptions options;
    if (!c.trusted.empty()) options.trusted_proxies = {*Cidr::parse(c.trusted)};
    World world(options);
    const std::string answer =
        world.exchange("GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + c.headers + "\r\n");
    EXPECT_NE(answer.find("X-Client: " + c.client + "\r\n"), std::string::npos) << answer;
    EXPECT_NE(answer.find("X-Origin: " + c.origin + "\r\n"), std::string::npos) << answer;
  }
}

TEST(Server, LogsAndReportsEachRequest) {
  World world;
  std::vector<std::string> seen;
  world.server.set_observer([&](const Request& request, int status, microseconds took) {
    seen.push_back(request.method + " " + request.path + " " + std::to_string(status) + " " +
                   std::to_string(took.count()));
  });
  (void)world.exchange(
      "GET /slow HTTP/1.1\r\nHost: h\r\n\r\nGET /throw HTTP/1.1\r\nHost: h\r\nX-Request-Id: r1\r\nConnection: "
      "close\r\n\r\n");
  EXPECT_EQ(seen, (std::vector<std::string>{"GET /slow 200 500000", "GET /throw 500 0"}));
  ASSERT_EQ(world.logged.size(), 1u);
  EXPECT_NE(world.logged[0].find(R"("request_id":"r1")"), std::string::npos);
}

TEST(Server, SurvivesConnectionsThatBreakAnywhere) {
  const std::string request = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
  for (std::size_t bytes = 0; bytes < request.size() + 40; ++bytes) {
    World world;
    world.network.break_next_connection_after(world.at, bytes);
    (void)world.exchange(request);
    world.clock.run_for(milliseconds(1));
    EXPECT_EQ(world.server.connections(), 0u) << "broken after " << bytes;
  }
}

// The answers without what depends on chance and time. A header that is malformed and never ends is refused for the one
// or for the other, as it comes.
std::string lasting(std::string answers) {
  for (const std::string_view name : {"X-Request-Id: ", "Date: "}) {
    for (std::size_t at = answers.find(name); at != std::string::npos; at = answers.find(name, at)) {
      answers.erase(at, answers.find("\r\n", at) + 2 - at);
    }
  }
  for (const std::string_view refusal : {"HTTP/1.1 400 ", "HTTP/1.1 408 "}) {
    const std::size_t at = answers.find(refusal);
    if (at != std::string::npos) answers.replace(at, std::string::npos, "refused");
  }
  return answers;
}

// What is answered depends on the bytes alone, not on how they are cut or whether they make sense.
TEST(Server, AnswersTheSameHoweverTheBytesAreCut) {
  const std::string_view good =
      "POST /echo?a=%20 HTTP/1.1\r\nHost: h\r\nX-Request-Id: 1\r\nTransfer-Encoding: "
      "chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nA: b\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: h\r\nX-Request-Id: 2\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    simulation::SimRandom random(seed);
    std::string bytes(good);
    for (std::uint64_t changes = random.below(4); changes > 0; --changes) {
      bytes[random.below(bytes.size())] =
          random.once_in(2) ? "\r\n :;0/%\xff"[random.below(9)] : static_cast<char>(random.below(256));
    }
    World whole;
    const std::string expected = lasting(whole.exchange(bytes));
    World cut;
    const auto stream = cut.connect();
    for (std::string_view rest = bytes; !rest.empty();) {
      const std::size_t size = std::min<std::size_t>(1 + random.below(20), rest.size());
      cut.send(*stream, rest.substr(0, size));
      rest.remove_prefix(size);
      if (random.once_in(3)) cut.clock.run_for(microseconds(200));
    }
    EXPECT_EQ(lasting(cut.receive(*stream)), expected) << "seed " << seed << "\n" << bytes;
  }
}

}  // namespace
}  // namespace epay::http
