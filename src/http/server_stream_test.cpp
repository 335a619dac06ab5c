#include <gtest/gtest.h>

#include "http/server.h"
#include "simulation/run_task.h"
#include "simulation/sim_network.h"
#include "simulation/sim_random.h"

namespace epay::http {
namespace {

using simulation::run_task;
using Body = std::function<Task<void>(BodyWriter&)>;

const std::string get = "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string get_plain = "GET /plain HTTP/1.1\r\nHost: h\r\n\r\n";

// A server on a simulated network whose /stream sends what `body` writes, and a client that sends bytes.
class World {
 public:
  explicit World(ServerOptions options = {})
      : server(clock, random, log, routes(), std::move(options)), group(clock, log, "test") {
    server.set_observer([this](const Request& request, int answered, microseconds took) {
      observed.push_back(request.path + " " + std::to_string(answered) + " " + std::to_string(took.count() / 1000));
    });
    group.spawn(server.serve(*network.listen(at, {})));
  }
  ~World() {
    run_task(clock, server.stop(clock.ticks() + seconds(1)));
    EXPECT_EQ(server.connections(), 0u);
  }

  const Router& routes() {
    router.add("GET", "/stream", [this](Request&) { return streamed(); });
    router.add("GET", "/plain", [](Request&) -> Task<Response> { co_return Response::text(200, "plain"); });
    return router;
  }
  Task<Response> streamed() {
    Response response = Response::text(status, "");
    if (!extra_header.empty()) response.headers.add("X-Extra", extra_header);
    response.stream = body;
    co_return response;
  }
  // Writes these pieces, `pause` apart, and notes how each write went.
  Body pieces(std::vector<std::string> texts, microseconds pause = milliseconds(100)) {
    return [this, texts = std::move(texts), pause](BodyWriter& writer) -> Task<void> {
      ++streams_begun;
      for (const std::string& text : texts) {
        note(co_await writer.write(text));
        co_await clock.sleep(pause);
      }
      ++streams_ended;
    };
  }
  // Writes a piece of this size every 100 ms until a write fails.
  Body until_it_fails(std::size_t size) {
    return [this, size](BodyWriter& writer) -> Task<void> {
      ++streams_begun;
      const std::string piece(size, 'x');
      while (note(co_await writer.write(piece))) co_await clock.sleep(milliseconds(100));
      note(co_await writer.write("again"));  // says the same at once
      ++streams_ended;
    };
  }
  bool note(const Result<>& written) {
    if (!written) errors.push_back(written.error().code);
    return written.has_value();
  }

  std::unique_ptr<Stream> connect() { return std::move(*run_task(clock, network.connect(at, {}, Ticks::never()))); }
  void send(Stream& stream, std::string_view bytes) { (void)run_task(clock, stream.write(bytes, Ticks::never())); }
  // What comes until the server closes (then ending in "<end>"), or until nothing came for `patience`.
  std::string receive(Stream& stream, microseconds patience) {
    std::string all;
    std::array<char, 1000> piece;
    for (;;) {
      const auto count = run_task(clock, stream.read_some(piece, clock.ticks() + patience));
      if (!count) return all;
      if (*count == 0) return all + "<end>";
      all.append(piece.data(), *count);
    }
  }
  // Head and body of what a fresh connection answers to these bytes.
  std::pair<std::string, std::string> exchange(std::string_view bytes) {
    const auto stream = connect();
    send(*stream, bytes);
    const std::string all = receive(*stream, seconds(1));
    const std::size_t end = all.find("\r\n\r\n");
    if (end == std::string::npos) return {all, ""};
    return {all.substr(0, end + 2), all.substr(end + 4)};
  }

  simulation::SimClock clock;
  simulation::SimRandom random{1};
  simulation::SimNetwork network{clock, random};
  std::vector<std::string> logged;
  Log log{LogLevel::info, [this] { return clock.now(); },
          [this](LogLevel, std::string_view line) { logged.emplace_back(line); }};
  Body body;
  int status = 200;
  std::string extra_header;
  int streams_begun = 0;
  int streams_ended = 0;
  std::vector<ErrorCode> errors;
  std::vector<std::string> observed;
  Router router;
  SocketAddress at{IpAddress::loopback(), 80};
  Server server;
  TaskGroup group;
};

TEST(ServerStream, SendsEachPieceAsAChunk) {
  World world;
  world.body = world.pieces({"hello", "", std::string(300, 'x'), "\r\n"});
  const auto [head, body] = world.exchange(get);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n")) << head;
  EXPECT_NE(head.find("Transfer-Encoding: chunked\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("Connection: keep-alive\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("Content-Type: text/plain"), std::string::npos) << head;
  EXPECT_EQ(head.find("Content-Length"), std::string::npos) << head;
  EXPECT_EQ(body, "5\r\nhello\r\n12c\r\n" + std::string(300, 'x') + "\r\n2\r\n\r\n\r\n0\r\n\r\n");
  EXPECT_EQ(world.observed, std::vector<std::string>{"/stream 200 400"});
  EXPECT_TRUE(world.errors.empty());
}

TEST(ServerStream, SendsTheHeadAndEachPieceAtOnce) {
  World world;
  world.body = [&world](BodyWriter& writer) -> Task<void> {
    co_await world.clock.sleep(seconds(40));  // longer than a write may take
    world.note(co_await writer.write("late"));
    co_await world.clock.sleep(seconds(40));
  };
  const auto stream = world.connect();
  world.send(*stream, get);
  EXPECT_TRUE(world.receive(*stream, milliseconds(10)).ends_with("\r\n\r\n"));
  world.clock.run_for(seconds(40));
  EXPECT_EQ(world.receive(*stream, milliseconds(10)), "4\r\nlate\r\n");
  EXPECT_TRUE(world.observed.empty());
  world.clock.run_for(seconds(40));
  EXPECT_EQ(world.receive(*stream, milliseconds(10)), "0\r\n\r\n");
  EXPECT_EQ(world.observed, std::vector<std::string>{"/stream 200 80000"});
}

TEST(ServerStream, AnswersTheNextRequestOnTheConnection) {
  World world;
  world.body = world.pieces({"a"});
  const auto stream = world.connect();
  world.send(*stream, get + get_plain);
  const std::string answers = world.receive(*stream, seconds(1));
  EXPECT_NE(answers.find("1\r\na\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"), std::string::npos) << answers;
  EXPECT_TRUE(answers.ends_with("plain")) << answers;
  world.send(*stream, get);
  EXPECT_TRUE(world.receive(*stream, seconds(1)).ends_with("1\r\na\r\n0\r\n\r\n"));
  EXPECT_EQ(world.network.connections_made(), 1u);
}

TEST(ServerStream, ClosesAfterTheLastChunkWhenItIsToClose) {
  World world;
  world.body = world.pieces({"a"});
  const auto [head, body] = world.exchange("GET /stream HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(head.find("Connection: close\r\n"), std::string::npos) << head;
  EXPECT_EQ(body, "1\r\na\r\n0\r\n\r\n<end>");
}

TEST(ServerStream, StreamsWithoutChunksToOldClients) {
  for (const std::string connection : {"", "Connection: keep-alive\r\n"}) {
    World world;
    world.body = world.pieces({"hello", "", " world"});
    const auto [head, body] = world.exchange("GET /stream HTTP/1.0\r\n" + connection + "\r\n");
    EXPECT_NE(head.find("Connection: close\r\n"), std::string::npos) << head;
    EXPECT_EQ(head.find("Transfer-Encoding"), std::string::npos) << head;
    EXPECT_EQ(head.find("Content-Length"), std::string::npos) << head;
    EXPECT_EQ(body, "hello world<end>");
  }
}

TEST(ServerStream, HasNoBodyForHeadAndForStatusesWithoutOne) {
  struct Case {
    std::string method;
    int status;
    bool chunked;
  };
  for (const Case& c : {Case{"HEAD", 200, true}, Case{"GET", 204, false}, Case{"GET", 304, false}}) {
    SCOPED_TRACE(c.method + " " + std::to_string(c.status));
    World world;
    world.status = c.status;
    world.body = world.pieces({"a"});
    const auto [head, body] = world.exchange(c.method + " /stream HTTP/1.1\r\nHost: h\r\n\r\n" + get_plain);
    EXPECT_EQ(head.find("Transfer-Encoding: chunked\r\n") != std::string::npos, c.chunked) << head;
    EXPECT_TRUE(body.starts_with("HTTP/1.1 200 OK\r\n")) << body;
    EXPECT_TRUE(body.ends_with("plain")) << body;
    EXPECT_EQ(world.streams_begun, 0);
  }
}

TEST(ServerStream, DoesNotStreamBehindAMalformedHead) {
  World world;
  world.extra_header = "a\r\nSet-Cookie: x";
  world.body = world.pieces({"a"});
  const auto [head, body] = world.exchange(get);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 500 ")) << head;
  EXPECT_NE(head.find("Content-Length: "), std::string::npos) << head;
  EXPECT_NE(body.find("Something went wrong"), std::string::npos) << body;
  EXPECT_EQ(world.streams_begun, 0);
  EXPECT_EQ(world.observed, std::vector<std::string>{"/stream 500 0"});
}

TEST(ServerStream, BreaksTheConnectionWhenTheStreamThrows) {
  World world;
  world.body = [&world](BodyWriter& writer) -> Task<void> {
    world.note(co_await writer.write("half"));
    throw std::runtime_error("out of luck");
  };
  const auto [head, body] = world.exchange("GET /stream HTTP/1.1\r\nHost: h\r\nX-Request-Id: r1\r\n\r\n" + get_plain);
  EXPECT_EQ(body, "4\r\nhalf\r\n<end>");
  ASSERT_EQ(world.logged.size(), 1u);
  EXPECT_NE(world.logged[0].find("response_stream_failed"), std::string::npos) << world.logged[0];
  EXPECT_NE(world.logged[0].find(R"("request_id":"r1")"), std::string::npos) << world.logged[0];
  EXPECT_EQ(world.observed, std::vector<std::string>{"/stream 200 0"});
}

TEST(ServerStream, TellsTheStreamThatTheClientIsGone) {
  World world;
  world.body = world.until_it_fails(10);
  auto stream = world.connect();
  world.send(*stream, get);
  EXPECT_NE(world.receive(*stream, milliseconds(50)), "");
  EXPECT_EQ(world.streams_ended, 0);
  stream.reset();
  world.clock.run_for(milliseconds(200));
  EXPECT_EQ(world.streams_ended, 1);
  EXPECT_EQ(world.errors, (std::vector{ErrorCode::connection_closed, ErrorCode::connection_closed}));
  EXPECT_EQ(world.server.connections(), 0u);
}

TEST(ServerStream, GivesUpOnAClientThatDoesNotRead) {
  World world;
  world.body = world.until_it_fails(200'000);
  const auto stream = world.connect();
  world.send(*stream, get);
  world.clock.run_for(seconds(29));
  EXPECT_EQ(world.streams_ended, 0);
  world.clock.run_for(seconds(2));
  EXPECT_EQ(world.streams_ended, 1);
  EXPECT_EQ(world.errors, (std::vector{ErrorCode::timed_out, ErrorCode::timed_out}));
  const std::string got = world.receive(*stream, seconds(1));
  EXPECT_TRUE(got.ends_with("x<end>"));  // in the middle of a chunk
}

TEST(ServerStream, ServesAClientThatReadsSlowly) {
  World world;
  world.body = world.pieces({std::string(400'000, 'x')});
  const auto stream = world.connect();
  world.send(*stream, get);
  std::size_t received = 0;
  std::array<char, 100'000> piece;
  for (int i = 0; i < 20; ++i) {
    world.clock.run_for(seconds(4));
    const auto count = run_task(world.clock, stream->read_some(piece, world.clock.ticks() + milliseconds(1)));
    if (count) received += *count;
  }
  EXPECT_GT(received, 400'000u);
  EXPECT_EQ(world.streams_ended, 1);
  EXPECT_TRUE(world.errors.empty());
}

TEST(ServerStream, MakesNoRoomByEndingStreams) {
  ServerOptions options;
  options.limits.connections_max = 2;
  World world(options);
  world.body = world.until_it_fails(1);
  const auto streaming = world.connect();
  world.send(*streaming, get);
  world.clock.run_for(milliseconds(10));
  const auto idle = world.connect();
  const auto late = world.connect();
  world.clock.run_for(milliseconds(10));
  EXPECT_FALSE(idle->is_reusable());
  EXPECT_EQ(world.streams_ended, 0);
  world.send(*late, get);
  world.clock.run_for(milliseconds(10));
  const auto too_late = world.connect();  // all stream now
  EXPECT_EQ(world.receive(*too_late, seconds(1)), "<end>");
  EXPECT_EQ(world.streams_begun, 2);
  EXPECT_EQ(world.streams_ended, 0);
}

TEST(ServerStream, MayEndWhileTheServerStops) {
  World world;
  world.body = world.pieces({"a", "b"});
  const auto stream = world.connect();
  world.send(*stream, get);
  world.clock.run_for(milliseconds(50));
  const Ticks began = world.clock.ticks();
  run_task(world.clock, world.server.stop(began + seconds(5)));
  EXPECT_LT(world.clock.ticks() - began, seconds(1));
  EXPECT_EQ(world.server.connections(), 0u);
  EXPECT_TRUE(world.receive(*stream, seconds(1)).ends_with("1\r\na\r\n1\r\nb\r\n0\r\n\r\n<end>"));
}

TEST(ServerStream, IsBrokenWhenTheServersTimeToStopIsOver) {
  World world;
  world.body = world.until_it_fails(1);
  const auto stream = world.connect();
  world.send(*stream, get);
  world.clock.run_for(milliseconds(50));
  const Ticks began = world.clock.ticks();
  run_task(world.clock, world.server.stop(began + seconds(2)));
  EXPECT_GE(world.clock.ticks() - began, seconds(2));
  EXPECT_LT(world.clock.ticks() - began, seconds(3));
  EXPECT_EQ(world.streams_ended, 1);
  EXPECT_EQ(world.server.connections(), 0u);
  EXPECT_EQ(world.errors.front(), ErrorCode::connection_closed);
  EXPECT_TRUE(world.receive(*stream, seconds(1)).ends_with("1\r\nx\r\n<end>"));
}

TEST(ServerStream, SurvivesConnectionsThatBreakAnywhere) {
  int streams_begun = 0;
  int streams_failed = 0;
  for (std::size_t bytes = get.size(); bytes < get.size() + 220; ++bytes) {
    World world;
    world.body = world.pieces({"hello", "world"}, milliseconds(1));
    world.network.break_next_connection_after(world.at, bytes);
    (void)world.exchange(get);
    world.clock.run_for(milliseconds(10));
    EXPECT_EQ(world.server.connections(), 0u) << "broken after " << bytes;
    EXPECT_EQ(world.streams_begun, world.streams_ended) << "broken after " << bytes;
    streams_begun += world.streams_begun;
    streams_failed += world.errors.empty() ? 0 : 1;
  }
  EXPECT_GT(streams_begun, 0);
  EXPECT_GT(streams_failed, 0);
}

}  // namespace
}  // namespace epay::http
