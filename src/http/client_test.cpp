#include "http/client.h"

#include <gtest/gtest.h>

#include "simulation/run_task.h"
#include "simulation/sim_network.h"
#include "simulation/sim_random.h"

namespace epay::http {
namespace {

using simulation::run_task;
using Fault = simulation::SimNetwork::Fault;

const IpAddress public_address = IpAddress::v4(93, 184, 216, 34);
const IpAddress other_public_address = IpAddress::v4(93, 184, 216, 35);
const IpAddress private_address = IpAddress::v4(10, 0, 0, 5);

// What a scripted server does with a connection: sends `reply` once a request's header has come, and then closes or
// not.
struct Script {
  std::string reply;
  bool close_after = false;
  microseconds delay{0};
};

class World {
 public:
  explicit World(std::vector<Cidr> allowed = {}, ClientLimits limits = {})
      : client(clock, network, AddressGuard(std::move(allowed)), limits) {
    network.set_host("shop.example", {public_address});
  }
  // Ends what still waits, before what it waits for goes.
  ~World() {
    network.drop_all();
    clock.drop_all();
  }

  // Connections get the scripts in turn, the last one again and again. Within a connection, each request gets the same.
  void serve(SocketAddress at, std::vector<Script> scripts, std::optional<runtime::TlsFiles> tls = {}) {
    group.spawn(accept(std::move(*network.listen(at, std::move(tls))), std::move(scripts)));
  }
  Task<void> accept(std::unique_ptr<runtime::Listener> listener, std::vector<Script> scripts) {
    for (std::size_t i = 0;; ++i) {
      auto accepted = co_await listener->accept();
      if (!accepted) co_return;
      group.spawn(play(std::move(*accepted), scripts[std::min(i, scripts.size() - 1)]));
    }
  }
  Task<void> play(std::unique_ptr<Stream> stream, Script script) {
    std::array<char, 4096> piece;
    for (;;) {
      std::string got;
      while (got.find("\r\n\r\n") == std::string::npos) {
        const auto count = co_await stream->read_some(piece, Ticks::never());
        if (!count || *count == 0) co_return;
        got.append(piece.data(), *count);
      }
      received.push_back(got);
      if (script.delay.count() > 0) co_await clock.sleep(script.delay);
      if (!co_await stream->write(script.reply, Ticks::never())) co_return;
      if (script.close_after) co_return;
    }
  }

  ExchangeReport exchange(const std::string& url, const std::string& method = "POST", std::string body = "{}") {
    Exchange exchange;
    exchange.url = *Url::parse(url);
    exchange.method = method;
    exchange.headers.add("X-Test", "1");
    exchange.body = std::move(body);
    return run_task(clock, client.exchange(std::move(exchange)));
  }

  simulation::SimClock clock;
  simulation::SimRandom random{1};
  simulation::SimNetwork network{clock, random};
  Log log{LogLevel::error, [this] { return clock.now(); },
          [](LogLevel, std::string_view line) { ADD_FAILURE() << line; }};
  std::vector<std::string> received;
  Client client;
  TaskGroup group{clock, log, "test"};
};

std::string outcome(const ExchangeReport& report) {
  if (report.answer) return std::to_string(report.answer->status) + " " + report.answer->body;
  switch (report.answer.error().code) {
    case ErrorCode::address_refused: return "address_refused";
    case ErrorCode::connection_failed: return "connection_failed";
    case ErrorCode::connection_closed: return "connection_closed";
    case ErrorCode::malformed_reply: return "malformed_reply";
    case ErrorCode::timed_out: return "timed_out";
    default: return "other: " + report.answer.error().message;
  }
}

struct Row {
  std::string what;
  Script script;
  std::string outcome;
  std::string method = "POST";
};

void check(const Row& row) {
  SCOPED_TRACE(row.what);
  World world;
  world.serve({public_address, 80}, {row.script});
  EXPECT_EQ(outcome(world.exchange("http://shop.example/hook", row.method)), row.outcome);
}

TEST(Client, ReadsAnswersOfAllKinds) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
  std::string interims;
  for (int i = 0; i < 8; ++i) interims += interim;
  const Row rows[] = {
      {"length", {ok + "Content-Length: 2\r\n\r\nhi"}, "200 hi"},
      {"chunks", {ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n"}, "200 hi!"},
      {"to the end", {ok + "\r\nuntil I close", true}, "200 until I close"},
      {"1.0", {"HTTP/1.0 200 OK\r\n\r\nold", true}, "200 old"},
      {"no content", {"HTTP/1.1 204 No Content\r\n\r\n"}, "204 "},
      {"not modified with a length", {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"}, "304 "},
      {"head", {ok + "Content-Length: 5\r\n\r\n"}, "200 ", "HEAD"},
      {"no reason", {"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"}, "200 "},
      {"redirect is not followed",
       {"HTTP/1.1 302 Found\r\nLocation: http://elsewhere\r\nContent-Length: 0\r\n\r\n"},
       "302 "},
      {"error", {"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"}, "503 busy"},
      {"interim", {interim + ok + "Content-Length: 2\r\n\r\nhi"}, "200 hi"},
      {"eight interims", {interims + ok + "Content-Length: 2\r\n\r\nhi"}, "200 hi"},
      {"nine interims", {interims + interim + ok + "Content-Length: 2\r\n\r\nhi"}, "malformed_reply"},
      {"switching protocols", {"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"}, "malformed_reply"},
      {"not HTTP", {"220 smtp ready\r\n"}, "malformed_reply"},
      {"length and chunks",
       {ok + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
       "malformed_reply"},
      {"two lengths", {ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi!"}, "malformed_reply"},
      {"bad chunk", {ok + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"}, "malformed_reply"},
      {"large header", {ok + "A: " + std::string(20'000, 'a') + "\r\n\r\n"}, "malformed_reply"},
      {"closed at once", {"", true}, "connection_closed"},
      {"closed in the header", {ok + "Content-Le", true}, "connection_closed"},
      {"closed in the body", {ok + "Content-Length: 5\r\n\r\nhi", true}, "connection_closed"},
      {"closed in a chunk", {ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhi", true}, "connection_closed"},
      {"too slow", {ok + "Content-Length: 2\r\n\r\nhi", false, seconds(16)}, "timed_out"},
      {"never ends", {ok + "Content-Length: 5\r\n\r\nhi"}, "timed_out"},
  };
  for (const Row& row : rows) check(row);
}

TEST(Client, SendsOneWellFormedRequest) {
  World world;
  world.serve({public_address, 8080}, {{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}});
  (void)world.exchange("http://Shop.Example:8080/a?b=c#d", "POST", "body");
  (void)world.exchange("http://shop.example:8080/", "GET", "");
  ASSERT_EQ(world.received.size(), 2u);
  EXPECT_EQ(world.received[0],
            "POST /a?b=c HTTP/1.1\r\nHost: shop.example:8080\r\nX-Test: 1\r\nContent-Length: 4\r\n\r\nbody");
  EXPECT_EQ(world.received[1], "GET / HTTP/1.1\r\nHost: shop.example:8080\r\nX-Test: 1\r\n\r\n");
}

TEST(Client, RefusesHeadersThatBreakOut) {
  World world;
  Exchange exchange;
  exchange.url = *Url::parse("http://shop.example/");
  exchange.headers.add("X", "a\r\nY: b");
  EXPECT_FALSE(run_task(world.clock, world.client.exchange(std::move(exchange))).answer.has_value());
  EXPECT_EQ(world.network.connections_made(), 0u);
}

TEST(Client, KeepsTheFirstBytesAndStopsReadingAtTheLimit) {
  struct Case {
    std::size_t size, kept;
    bool cut, connection_kept;
  };
  for (const Case& c :
       {Case{16'384, 16'384, false, true}, Case{16'385, 16'384, true, true}, Case{65'535, 16'384, true, true},
        Case{70'000, 16'384, true, false}, Case{10'000'000, 16'384, true, false}}) {
    SCOPED_TRACE(c.size);
    World world;
    world.serve({public_address, 80}, {{"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(c.size) + "\r\n\r\n" +
                                        std::string(c.size, 'x')}});
    const auto report = world.exchange("http://shop.example/");
    ASSERT_TRUE(report.answer.has_value());
    EXPECT_EQ(report.answer->body.size(), c.kept);
    EXPECT_EQ(report.answer->body_cut, c.cut);
    EXPECT_EQ(world.exchange("http://shop.example/").reused_connection, c.connection_kept);
  }
}

TEST(Client, ReusesAConnectionThatIsKept) {
  World world;
  world.serve({public_address, 80}, {{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}});
  EXPECT_FALSE(world.exchange("http://shop.example/").reused_connection);
  EXPECT_TRUE(world.exchange("http://shop.example/").reused_connection);
  world.clock.run_for(seconds(51));
  EXPECT_FALSE(world.exchange("http://shop.example/").reused_connection);
  EXPECT_EQ(world.network.connections_made(), 2u);
}

TEST(Client, KeepsNoConnectionThatItsPeerEndsOrFills) {
  for (const Script& script : {Script{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
                               Script{"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"},
                               Script{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 Poison\r\n"},
                               Script{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true}}) {
    SCOPED_TRACE(script.reply);
    World world;
    world.serve({public_address, 80}, {script});
    EXPECT_EQ(outcome(world.exchange("http://shop.example/")), "200 ");
    world.clock.run_for(milliseconds(10));
    const auto second = world.exchange("http://shop.example/");
    EXPECT_EQ(outcome(second), "200 ");
    EXPECT_FALSE(second.reused_connection);
  }
}

TEST(Client, ReplacesAStaleKeptConnectionOnce) {
  World world;
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  // The end of the first connection and the second request cross on their way.
  world.serve({public_address, 80}, {{ok, true}, {ok}});
  EXPECT_EQ(outcome(world.exchange("http://shop.example/")), "200 ");
  const auto report = world.exchange("http://shop.example/");
  EXPECT_EQ(outcome(report), "200 ");
  EXPECT_FALSE(report.reused_connection);
  EXPECT_EQ(world.network.connections_made(), 2u);
}

TEST(Client, DoesNotSendAgainOnceAnAnswerBegan) {
  World world;
  world.serve({public_address, 80}, {{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", true}});
  EXPECT_EQ(outcome(world.exchange("http://shop.example/")), "connection_closed");
  EXPECT_EQ(world.received.size(), 1u);
}

TEST(Client, RefusesAddressesThatAreNotPublic) {
  struct Case {
    std::string what;
    std::vector<IpAddress> addresses;
    std::string allowed, outcome;
  };
  const Case cases[] = {
      {"public", {public_address}, "", "200 "},
      {"private", {private_address}, "", "address_refused"},
      {"one of two is private", {public_address, private_address}, "", "address_refused"},
      {"mapped", {*IpAddress::parse("::ffff:10.0.0.5")}, "", "address_refused"},
      {"allowed block", {private_address}, "10.0.0.0/8", "200 "},
      {"another block is allowed", {private_address}, "10.1.0.0/16", "address_refused"},
      {"no address", {}, "", "connection_failed"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    World world(c.allowed.empty() ? std::vector<Cidr>() : std::vector<Cidr>{*Cidr::parse(c.allowed)});
    world.network.set_host("shop.example", c.addresses);
    for (const auto& address : c.addresses)
      world.serve({address, 80}, {{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}});
    EXPECT_EQ(outcome(world.exchange("http://shop.example/")), c.outcome);
    const auto checked = run_task(world.clock, world.client.check_destination(*Url::parse("http://shop.example/")));
    EXPECT_EQ(checked.has_value(), c.outcome == "200 ");
    if (c.outcome != "200 ") EXPECT_EQ(world.network.connections_made(), 0u);
  }
}

TEST(Client, RefusesANameThatIsBoundAgain) {
  World world;
  world.serve({public_address, 80}, {{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"}});
  world.serve({private_address, 80}, {{"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"}});
  EXPECT_EQ(outcome(world.exchange("http://shop.example/")), "200 ");
  world.network.set_host("shop.example", {private_address});
  EXPECT_EQ(outcome(world.exchange("http://shop.example/")), "address_refused");
}

TEST(Client, TriesTheAddressesInTurnWithinTheTimeToConnect) {
  for (const Fault fault : {Fault::refuse, Fault::silent}) {
    World world;
    world.network.set_host("shop.example", {other_public_address, public_address});
    world.network.set_fault(SocketAddress{other_public_address, 80}, fault);
    world.serve({public_address, 80}, {{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}});
    EXPECT_EQ(outcome(world.exchange("http://shop.example/")), "200 ");
  }
}

TEST(Client, SaysThatNothingWasSentWhenConnectingFails) {
  struct Case {
    std::string what;
    Fault name, address;
    seconds took;
  };
  for (const Case& c :
       {Case{"refused", Fault::none, Fault::refuse, seconds(0)}, Case{"silent", Fault::none, Fault::silent, seconds(5)},
        Case{"name unknown", Fault::no_answer, Fault::none, seconds(5)}}) {
    SCOPED_TRACE(c.what);
    World world;
    world.network.set_fault("shop.example", c.name);
    world.network.set_fault(SocketAddress{public_address, 80}, c.address);
    const auto report = world.exchange("http://shop.example/");
    EXPECT_EQ(outcome(report), "connection_failed");
    EXPECT_EQ(std::chrono::floor<seconds>(report.timings.total), c.took);
  }
}

TEST(Client, TimesOutOverTheWholeExchange) {
  World world;
  world.network.set_fault(SocketAddress{public_address, 80}, Fault::black_hole);
  const auto report = world.exchange("http://shop.example/");
  EXPECT_EQ(outcome(report), "timed_out");
  EXPECT_EQ(report.timings.total, seconds(15));
}

TEST(Client, MeasuresEachPart) {
  World world;
  world.network.set_latency(milliseconds(10), milliseconds(10));
  world.serve({public_address, 80}, {{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, milliseconds(50)}});
  const auto first = world.exchange("http://shop.example/");
  EXPECT_EQ(first.timings.dns, milliseconds(20));
  EXPECT_EQ(first.timings.connect, milliseconds(20));
  EXPECT_EQ(first.timings.first_byte, milliseconds(70));
  EXPECT_EQ(first.timings.total, milliseconds(110));
  const auto second = world.exchange("http://shop.example/");
  EXPECT_EQ(second.timings.dns + second.timings.connect, seconds(0));
  EXPECT_EQ(second.timings.total, milliseconds(70));
}

TEST(Client, MeasuresTheTlsHandshakeApart) {
  World world;
  world.network.set_latency(milliseconds(10), milliseconds(10));
  world.serve({public_address, 443}, {{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}}, runtime::TlsFiles{});
  const auto first = world.exchange("https://shop.example/");
  EXPECT_EQ(outcome(first), "200 ");
  EXPECT_EQ(first.timings.dns, milliseconds(20));
  EXPECT_EQ(first.timings.connect, milliseconds(20));
  EXPECT_EQ(first.timings.tls, milliseconds(20));
  EXPECT_EQ(first.timings.first_byte, milliseconds(20));
  EXPECT_EQ(first.timings.total, milliseconds(80));
  const auto second = world.exchange("https://shop.example/");
  EXPECT_TRUE(second.reused_connection);
  EXPECT_EQ(second.timings.connect + second.timings.tls, seconds(0));
}

TEST(Client, SaysThatNothingWasSentWhenTheTlsHandshakeTakesTooLong) {
  World world;
  world.network.set_latency(seconds(1), seconds(1));
  world.serve({public_address, 443}, {{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}}, runtime::TlsFiles{});
  const auto report = world.exchange("https://shop.example/");  // name and connection take 4 s of 5
  EXPECT_EQ(outcome(report), "connection_failed");
  EXPECT_EQ(report.timings.connect, seconds(3));
  EXPECT_EQ(report.timings.tls, seconds(0));
  EXPECT_TRUE(world.received.empty());
}

TEST(Client, ReadsTheAnswerOfAPeerThatStopsReading) {
  World world;
  world.serve({public_address, 80}, {{"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", true}});
  EXPECT_EQ(outcome(world.exchange("http://shop.example/", "POST", std::string(2'000'000, 'x'))), "413 ");
}

TEST(Client, LimitsTheConnectionsItKeeps) {
  ClientLimits limits;
  limits.idle_per_host_max = 2;
  limits.idle_max = 3;
  World world({}, limits);
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  for (std::uint16_t port = 1; port <= 5; ++port) {
    world.serve({public_address, port}, {{ok}});
    (void)world.exchange("http://shop.example:" + std::to_string(port) + "/");
  }
  world.clock.run_for(milliseconds(10));
  EXPECT_EQ(world.network.open_streams(), 6u);  // both ends of three
  EXPECT_FALSE(world.exchange("http://shop.example:1/").reused_connection);
  EXPECT_TRUE(world.exchange("http://shop.example:5/").reused_connection);
}

}  // namespace
}  // namespace epay::http
