#include "http/open_answer.h"

#include <gtest/gtest.h>

#include "http/client.h"
#include "http/server.h"
#include "simulation/run_task.h"
#include "simulation/sim_network.h"
#include "simulation/sim_random.h"

namespace epay::http {
namespace {

using simulation::run_task;
using Fault = simulation::SimNetwork::Fault;

const IpAddress public_address = IpAddress::v4(93, 184, 216, 34);
const std::string ok = "HTTP/1.1 200 OK\r\n";
const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";

// What a scripted peer does once a request's header has come: sends the pieces, each a second after the one before,
// and then closes or not.
struct Script {
  std::vector<std::string> pieces;
  bool close_after = false;
};

std::string name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid: return "invalid";
    case ErrorCode::address_refused: return "address_refused";
    case ErrorCode::connection_failed: return "connection_failed";
    case ErrorCode::connection_closed: return "connection_closed";
    case ErrorCode::malformed_reply: return "malformed_reply";
    case ErrorCode::timed_out: return "timed_out";
    default: return "other";
  }
}

class World {
 public:
  explicit World(ClientLimits limits = {}) : client(clock, network, AddressGuard({}), limits) {
    network.set_host("shop.example", {public_address});
  }
  // Ends what still waits, before what it waits for goes.
  ~World() {
    network.drop_all();
    clock.drop_all();
  }

  void serve(Script script) { group.spawn(accept(std::move(*network.listen(at, {})), std::move(script))); }
  Task<void> accept(std::unique_ptr<runtime::Listener> listener, Script script) {
    for (;;) {
      auto accepted = co_await listener->accept();
      if (!accepted) co_return;
      group.spawn(play(std::move(*accepted), script));
    }
  }
  Task<void> play(std::unique_ptr<Stream> stream, Script script) {
    std::array<char, 4096> bytes;
    std::string request;
    while (request.find("\r\n\r\n") == std::string::npos) {
      const auto count = co_await stream->read_some(bytes, Ticks::never());
      if (!count || *count == 0) co_return;
      request.append(bytes.data(), *count);
    }
    received.push_back(request);
    for (const std::string& piece : script.pieces) {
      co_await clock.sleep(seconds(1));
      if (!co_await stream->write(piece, Ticks::never())) co_return;
    }
    // Until the client has closed.
    while (!script.close_after && (co_await stream->read_some(bytes, Ticks::never())).value_or(0) > 0) continue;
  }

  Result<std::unique_ptr<OpenAnswer>> open(const std::string& method = "GET") {
    Exchange exchange;
    exchange.url = *Url::parse("http://shop.example/events?from=1");
    exchange.method = method;
    exchange.headers.add("Accept", "text/event-stream");
    return run_task(clock, client.open(std::move(exchange)));
  }
  // The next piece, or what went wrong.
  std::string read(OpenAnswer& answer, microseconds patience = seconds(5)) {
    const auto piece = run_task(clock, answer.read_some(clock.ticks() + patience));
    return piece ? *piece : name_of(piece.error().code);
  }
  // The whole body, and how it ended.
  std::string read_all(OpenAnswer& answer) {
    std::string all;
    for (;;) {
      const auto piece = run_task(clock, answer.read_some(clock.ticks() + seconds(5)));
      if (!piece) return all + " " + name_of(piece.error().code);
      if (piece->empty()) return all + " end";
      all += *piece;
    }
  }

  simulation::SimClock clock;
  simulation::SimRandom random{1};
  simulation::SimNetwork network{clock, random};
  Log log{LogLevel::error, [this] { return clock.now(); },
          [](LogLevel, std::string_view line) { ADD_FAILURE() << line; }};
  SocketAddress at{public_address, 80};
  std::vector<std::string> received;
  Client client;
  TaskGroup group{clock, log, "test"};
};

TEST(OpenAnswer, IsReadAsItArrives) {
  World world;
  world.serve({{chunked, "2\r\nhi\r\n", "3\r\n!", "!!\r\n0\r\n\r\n"}});
  const auto answer = world.open();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ((*answer)->status(), 200);
  EXPECT_EQ((*answer)->headers().get("transfer-encoding"), "chunked");
  EXPECT_EQ(world.received[0],
            "GET /events?from=1 HTTP/1.1\r\nHost: shop.example\r\nAccept: text/event-stream\r\n\r\n");
  EXPECT_EQ(world.read(**answer, milliseconds(500)), "timed_out");
  EXPECT_EQ(world.read(**answer), "hi");
  EXPECT_EQ(world.read(**answer, milliseconds(999)), "timed_out");
  EXPECT_EQ(world.read(**answer), "!");
  EXPECT_EQ(world.read(**answer), "!!");
  EXPECT_EQ(world.read(**answer), "");
  EXPECT_EQ(world.read(**answer), "");
}

TEST(OpenAnswer, HasABodyOfAnyKind) {
  struct Row {
    std::string what;
    Script script;
    int status;
    std::string body;
    std::string method = "GET";
  };
  const Row rows[] = {
      {"length", {{ok + "Content-Length: 4\r\n\r\nab", "cd"}}, 200, "abcd end"},
      {"length 0", {{ok + "Content-Length: 0\r\n\r\n"}}, 200, " end"},
      {"chunks at once", {{chunked + "2\r\nhi\r\n1\r\n!\r\n0\r\nTrailer: x\r\n\r\n"}}, 200, "hi! end"},
      {"chunks cut anywhere",
       {{ok + "Transfer-Enc", "oding: chunked\r\n\r\n2", "\r\nhi\r", "\n0\r\n\r", "\n"}},
       200,
       "hi end"},
      {"to the end", {{ok + "\r\nuntil", " I close"}, true}, 200, "until I close end"},
      {"1.0", {{"HTTP/1.0 200 OK\r\n\r\nold"}, true}, 200, "old end"},
      {"error", {{"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"}}, 503, "busy end"},
      {"no content", {{"HTTP/1.1 204 No Content\r\n\r\n"}}, 204, " end"},
      {"head", {{ok + "Content-Length: 5\r\n\r\n"}}, 200, " end", "HEAD"},
      {"interim", {{"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", chunked + "2\r\nhi\r\n0\r\n\r\n"}}, 200, "hi end"},
      {"interim at once", {{"HTTP/1.1 103 Early\r\n\r\n" + ok + "Content-Length: 2\r\n\r\nhi"}}, 200, "hi end"},
      {"closed in the body", {{ok + "Content-Length: 5\r\n\r\nhi"}, true}, 200, "hi connection_closed"},
      {"closed in a chunk", {{chunked, "5\r\nhi"}, true}, 200, "hi connection_closed"},
      {"closed between chunks", {{chunked + "2\r\nhi\r\n"}, true}, 200, "hi connection_closed"},
      {"bad chunk later", {{chunked, "2\r\nhi\r\nxyz\r\n"}}, 200, "hi malformed_reply"},
      {"bad chunk at once", {{chunked + "2\r\nhi\r\nxyz\r\n"}}, 200, "hi malformed_reply"},
      {"endless chunk line", {{chunked + "2\r\nhi\r\n1;" + std::string(40'000, 'x')}}, 200, "hi malformed_reply"},
      {"never ends", {{ok + "Content-Length: 5\r\n\r\nhi"}}, 200, "hi timed_out"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    World world;
    world.serve(row.script);
    const auto answer = world.open(row.method);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ((*answer)->status(), row.status);
    EXPECT_EQ(world.read_all(**answer), row.body);
    // What ended stays ended.
    const std::string last = row.body.substr(row.body.find_last_of(' ') + 1);
    EXPECT_EQ(world.read(**answer), last == "end" ? "" : last);
  }
}

TEST(OpenAnswer, SaysWhyThereIsNone) {
  struct Row {
    std::string what;
    Script script;
    std::string error;
  };
  std::string interims;
  for (int i = 0; i < 9; ++i) interims += "HTTP/1.1 103 Early Hints\r\n\r\n";
  const Row rows[] = {
      {"not HTTP", {{"220 smtp ready\r\n"}}, "malformed_reply"},
      {"large header", {{ok + "A: " + std::string(20'000, 'a') + "\r\n\r\n"}}, "malformed_reply"},
      {"nine interims", {{interims + chunked}}, "malformed_reply"},
      {"switching protocols", {{"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"}}, "malformed_reply"},
      {"closed at once", {{}, true}, "connection_closed"},
      {"closed in the header", {{ok + "Content-Le"}, true}, "connection_closed"},
      {"silent", {{}}, "timed_out"},
      {"never a whole head", {{ok + "A: b\r\n"}}, "timed_out"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    World world;
    world.serve(row.script);
    const Ticks began = world.clock.ticks();
    const auto answer = world.open();
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(name_of(answer.error().code), row.error) << answer.error().message;
    if (row.error == "timed_out") EXPECT_EQ(world.clock.ticks() - began, seconds(15));
    world.clock.run_for(seconds(1));
    EXPECT_EQ(world.network.open_streams(), 0u);
  }
}

TEST(OpenAnswer, IsGuardedAndBoundedAsAnExchange) {
  struct Case {
    std::string host;
    Fault fault;
    std::string error;
  };
  for (const Case& c :
       {Case{"10.0.0.5", Fault::none, "address_refused"}, Case{"shop.example", Fault::refuse, "connection_failed"},
        Case{"shop.example", Fault::silent, "connection_failed"}, Case{"shop.example", Fault::black_hole, "timed_out"},
        Case{"nowhere.example", Fault::none, "connection_failed"}}) {
    SCOPED_TRACE(c.host + " " + c.error);
    World world;
    world.network.set_fault(world.at, c.fault);
    Exchange exchange;
    exchange.url = *Url::parse("http://" + c.host + "/");
    const auto answer = run_task(world.clock, world.client.open(std::move(exchange)));
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(name_of(answer.error().code), c.error);
  }
  World world;
  Exchange exchange;
  exchange.url = *Url::parse("http://shop.example/");
  exchange.headers.add("X", "a\r\nY: b");
  EXPECT_EQ(name_of(run_task(world.clock, world.client.open(std::move(exchange))).error().code), "invalid");
  EXPECT_EQ(world.network.connections_made(), 0u);
}

TEST(OpenAnswer, HoldsNoMoreThanOneReadBrings) {
  const std::size_t size = 3'000'000;
  World world;
  world.serve({{ok + "Content-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'x')}});
  const auto answer = world.open();
  ASSERT_TRUE(answer.has_value());
  std::size_t total = 0;
  for (std::string piece = world.read(**answer); !piece.empty(); piece = world.read(**answer)) {
    ASSERT_LE(piece.size(), ClientLimits{}.header_bytes_max);
    total += piece.size();
  }
  EXPECT_EQ(total, size);
}

TEST(OpenAnswer, ReadsTheAnswerOfAPeerThatStopsReading) {
  World world;
  world.serve({{"HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmuch"}, true});
  Exchange exchange;
  exchange.url = *Url::parse("http://shop.example/");
  exchange.body = std::string(2'000'000, 'x');
  const auto answer = run_task(world.clock, world.client.open(std::move(exchange)));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ((*answer)->status(), 413);
  EXPECT_EQ(world.read_all(**answer), "much end");
}

TEST(OpenAnswer, ClosesItsConnection) {
  World world;
  world.serve({{chunked}});
  auto first = world.open();
  auto second = world.open();  // never shares
  EXPECT_EQ(world.network.connections_made(), 2u);
  EXPECT_EQ(world.network.open_streams(), 4u);
  (*first).reset();
  world.clock.run_for(milliseconds(10));
  EXPECT_EQ(world.network.open_streams(), 2u);
  (*second)->close();
  EXPECT_EQ(world.read(**second), "connection_closed");
  EXPECT_EQ(world.read(**second), "connection_closed");
}

Task<void> read_on(OpenAnswer& answer, std::string& outcome) {
  const auto piece = co_await answer.read_some(Ticks::never());
  outcome = piece ? *piece : name_of(piece.error().code);
}

TEST(OpenAnswer, ClosingEndsAReadUnderWay) {
  World world;
  world.serve({{chunked}});
  const auto answer = world.open();
  std::string outcome;
  world.group.spawn(read_on(**answer, outcome));
  world.clock.run_for(seconds(10));
  EXPECT_EQ(outcome, "");
  (*answer)->close();
  world.clock.run_for(milliseconds(1));
  EXPECT_EQ(outcome, "connection_closed");
}

// A server of ours that streams, read by this client.
TEST(OpenAnswer, ComesFromOurOwnServer) {
  for (const bool fails : {false, true}) {
    SCOPED_TRACE(fails);
    World world;
    Router router;
    router.add("GET", "/events", [&](Request&) -> Task<Response> {
      Response response = Response::text(200, "");
      response.stream = [&](BodyWriter& writer) -> Task<void> {
        for (int i = 0; i < 100; ++i) {
          if (!co_await writer.write(std::string(1'000, static_cast<char>('a' + i % 26)))) co_return;
          co_await world.clock.sleep(milliseconds(10));
        }
        if (fails) throw std::runtime_error("out of luck");
      };
      co_return response;
    });
    int failures = 0;
    Log log{LogLevel::error, [&] { return world.clock.now(); }, [&](LogLevel, std::string_view) { ++failures; }};
    Server server(world.clock, world.random, log, router, {});
    world.group.spawn(server.serve(*world.network.listen(world.at, {})));
    const auto answer = world.open();
    ASSERT_TRUE(answer.has_value());
    const std::string body = world.read_all(**answer);
    EXPECT_EQ(body.size(), 100'000u + (fails ? 18 : 4));
    EXPECT_TRUE(body.ends_with(fails ? " connection_closed" : "v end")) << body.substr(body.size() - 40);
    EXPECT_EQ(failures, fails ? 1 : 0);
    run_task(world.clock, server.stop(world.clock.ticks() + seconds(1)));
    EXPECT_EQ(server.connections(), 0u);
  }
}

// Cuts the connection after every byte of an answer: nothing is made up, and only the whole body ends well.
TEST(OpenAnswer, IsWholeOrSaysThatItIsNot) {
  const std::string reply = chunked + "2\r\nhi\r\n3\r\n!!!\r\n0\r\n\r\n";
  for (std::size_t size = 0; size <= reply.size(); ++size) {
    SCOPED_TRACE(size);
    World world;
    world.serve({{reply.substr(0, size)}, true});
    const auto answer = world.open();
    EXPECT_EQ(answer.has_value(), size >= chunked.size());
    if (!answer) {
      EXPECT_EQ(name_of(answer.error().code), "connection_closed");
      continue;
    }
    const std::string body = world.read_all(**answer);
    const std::string text = body.substr(0, body.find(' '));
    EXPECT_TRUE(std::string_view("hi!!!").starts_with(text)) << body;
    EXPECT_EQ(body.substr(text.size()), size == reply.size() ? " end" : " connection_closed");
  }
}

}  // namespace
}  // namespace epay::http
