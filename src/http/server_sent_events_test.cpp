#include "http/server_sent_events.h"

#include <gtest/gtest.h>

#include "http/client.h"
#include "http/open_answer.h"
#include "http/server.h"
#include "simulation/run_task.h"
#include "simulation/sim_network.h"
#include "simulation/sim_random.h"

namespace epay::http {

// For the messages of failing tests.
void PrintTo(const ServerSentEvent& event, std::ostream* out) {
  *out << "{id " << event.id << ", event " << event.event << ", data " << testing::PrintToString(event.data)
       << ", retry " << (event.retry ? event.retry->count() : -1) << "}";
}

namespace {

using Events = std::vector<ServerSentEvent>;

ServerSentEvent message(std::string data, std::string id = "", std::string event = "") {
  return {.id = std::move(id), .event = std::move(event), .data = std::move(data)};
}

struct Row {
  std::string what;
  std::string text;
  Events events;
};

// The events of the text whole, and cut at every place, and byte by byte.
void check(const Row& row) {
  SCOPED_TRACE(row.what);
  ServerSentEventParser whole;
  EXPECT_EQ(whole.put(row.text), row.events);
  for (std::size_t cut = 0; cut <= row.text.size(); ++cut) {
    ServerSentEventParser parser;
    Events events = parser.put(std::string_view(row.text).substr(0, cut));
    for (ServerSentEvent& event : parser.put(std::string_view(row.text).substr(cut)))
      events.push_back(std::move(event));
    EXPECT_EQ(events, row.events) << "cut at " << cut;
    EXPECT_EQ(parser.last_event_id(), whole.last_event_id()) << "cut at " << cut;
    EXPECT_EQ(parser.retry(), whole.retry()) << "cut at " << cut;
  }
  ServerSentEventParser parser;
  Events events;
  for (const char byte : row.text) {
    for (ServerSentEvent& event : parser.put({&byte, 1})) events.push_back(std::move(event));
  }
  EXPECT_EQ(events, row.events) << "byte by byte";
  EXPECT_FALSE(parser.refused());
}

TEST(ServerSentEvents, AreReadAsTheStandardSays) {
  const std::string nul("id: a\0b\ndata: x\n\n", 17);
  const Row rows[] = {
      {"nothing", "", {}},
      {"the standard's first", "data: YHOO\ndata: +2\ndata: 10\n\n", {message("YHOO\n+2\n10")}},
      {"the standard's second: a comment, ids, an event that never ends",
       ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
       {message("first event", "1"), message("second event", "")}},
      {"the standard's third: empty data", "data\n\ndata\ndata\n\ndata:", {message(""), message("\n")}},
      {"the standard's fourth: a space after the colon is left out",
       "data:test\n\ndata: test\n\n",
       {message("test"), message("test")}},
      {"only one space is left out", "data:  two\n\ndata:\ttab\n\n", {message(" two"), message("\ttab")}},
      {"carriage returns", "data: a\rdata: b\r\rdata: c\r\r", {message("a\nb"), message("c")}},
      {"both", "data: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n", {message("a\nb"), message("c")}},
      {"mixed", "data: a\n\rdata: b\r\n\ndata: c\r\r\n\n", {message("a"), message("b"), message("c")}},
      {"no line end", "data: a\n\ndata: b", {message("a")}},
      {"no blank line", "data: a\n\ndata: b\n", {message("a")}},
      {"byte order mark",
       "\xEF\xBB\xBF"
       "data: a\n\n",
       {message("a")}},
      {"only the first byte order mark",
       "\xEF\xBB\xBF\xEF\xBB\xBF"
       "data: a\n\ndata: b\n\n\xEF\xBB\xBF"
       "data: c\n\n",
       {message("b")}},
      {"byte order mark alone", "\xEF\xBB\xBF\ndata: a\n\n", {message("a")}},
      {"part of a byte order mark",
       "\xEF\xBB"
       "data: a\n\ndata: b\n\n",
       {message("b")}},
      {"byte order mark within data", "data: \xEF\xBB\xBFx\n\n", {message("\xEF\xBB\xBFx")}},
      {"types",
       "event: add\ndata: 1\n\nevent:\ndata: 2\n\ndata: 3\n\n",
       {message("1", "", "add"), message("2"), message("3")}},
      {"the last type counts", "event: a\nevent: b\ndata: 1\n\n", {message("1", "", "b")}},
      {"a type without data is forgotten", "event: add\n\ndata: 1\n\n", {message("1")}},
      {"an id stays", "id: 7\ndata: a\n\ndata: b\n\n", {message("a", "7"), message("b", "7")}},
      {"an id without data counts", "id: 7\n\ndata: b\n\n", {message("b", "7")}},
      {"an empty id clears", "id: 7\ndata: a\n\nid:\ndata: b\n\n", {message("a", "7"), message("b")}},
      {"an id with NUL is ignored", "id: 7\ndata: a\n\n" + nul, {message("a", "7"), message("x", "7")}},
      {"comments", ":\n:data: no\n: x\ndata: a\n:\ndata: b\n\n:\n\n", {message("a\nb")}},
      {"unknown fields", "Data: no\nDATA: no\n data: no\ndata : no\nfoo\nfoo: bar\ndata: a\n\n", {message("a")}},
      {"colons in data", "data: a: b:c\ndata::\n\n", {message("a: b:c\n:")}},
      {"blank lines", "\n\n\ndata: a\n\n\n\n", {message("a")}},
      {"no checks of UTF-8", "data: \xff\xc3\n\n", {message("\xff\xc3")}},
      {"retry",
       "retry: 1500\ndata: a\n\ndata: b\n\n",
       {{.id = "", .event = "", .data = "a", .retry = milliseconds(1'500)}, message("b")}},
      {"retry of other than digits",
       "retry: 1s\nretry:\nretry\nretry: -1\nretry: +1\nretry: 1.5\nretry:  1\ndata: a\n\n",
       {message("a")}},
      {"a long retry is shortened",
       "retry: 99999999999999999999999\ndata: a\n\nretry: 86400001\ndata: b\n\n",
       {{.id = "", .event = "", .data = "a", .retry = hours(24)},
        {.id = "", .event = "", .data = "b", .retry = hours(24)}}},
  };
  for (const Row& row : rows) check(row);
}

TEST(ServerSentEvents, RememberWhatAClientReconnectsWith) {
  ServerSentEventParser parser;
  EXPECT_EQ(parser.last_event_id(), "");
  EXPECT_FALSE(parser.retry().has_value());
  (void)parser.put("id: 1\ndata: a\n\nid: 2\ndata: b\n");
  EXPECT_EQ(parser.last_event_id(), "1");  // the second has not ended, so it may come again
  (void)parser.put("\n");
  EXPECT_EQ(parser.last_event_id(), "2");
  EXPECT_TRUE(parser.put("retry: 20\n").empty());
  EXPECT_EQ(parser.retry(), milliseconds(20));  // counts at once, and without an event
  (void)parser.put("\nid: 3\n\nretry: x\n\n");
  EXPECT_EQ(parser.last_event_id(), "3");
  EXPECT_EQ(parser.retry(), milliseconds(20));
}

TEST(ServerSentEvents, EndWithTheLineEndThatComesFirst) {
  ServerSentEventParser parser;
  EXPECT_EQ(parser.put("data: a\r\n\r"), Events{message("a")});  // without waiting for what may follow
  EXPECT_EQ(parser.put("\ndata: b\r\r"), Events{message("b")});
  EXPECT_EQ(parser.put("data: c\n\n"), Events{message("c")});
}

TEST(ServerSentEvents, AreBounded) {
  constexpr std::size_t most = ServerSentEventParser::event_bytes_max;
  const std::string line = "data: " + std::string(994, 'x') + "\n";
  std::string lines;
  while (lines.size() + line.size() <= most) lines += line;
  struct Case {
    std::string what, text;
    bool refused;
  };
  const Case cases[] = {
      // One byte is the id of the event before, which stays.
      {"largest line", "data:" + std::string(most - 6, 'x') + "\n\n", false},
      {"line too large", "data:" + std::string(most - 5, 'x') + "\n\n", true},
      {"line that never ends", std::string(most + 1, 'x'), true},
      {"comment too large", ":" + std::string(most, 'x') + "\n\n", true},
      {"many lines", lines + "\n", false},
      {"too many lines", lines + lines + "\n", true},
      {"many comments",
       "data: a\n" +
           [] {
             std::string comments;
             while (comments.size() <= 2 * most)
               comments += ": nothing happened for a while, and is said so at length\n";
             return comments;
           }() +
           "\n",
       false},
      {"type and data", "event:" + std::string(most / 2, 'x') + "\ndata:" + std::string(most / 2, 'x') + "\n\n", true},
      {"id and data", "id:" + std::string(most / 2, 'x') + "\ndata:" + std::string(most / 2, 'x') + "\n\n", true},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece : {SIZE_MAX, std::size_t(1'000)}) {
      SCOPED_TRACE(c.what + ", in pieces of " + std::to_string(piece));
      ServerSentEventParser parser;
      const std::string text = "id: 1\ndata: before\n\n" + c.text;
      std::vector<std::string> ids;
      for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
        for (const ServerSentEvent& event : parser.put(rest.substr(0, piece))) ids.push_back(event.id);
      }
      EXPECT_EQ(parser.refused(), c.refused);
      EXPECT_EQ(ids.size(), c.refused ? 1u : 2u);
      EXPECT_EQ(parser.put("data: after\n\n").size(), c.refused ? 0u : 1u);
    }
  }
}

TEST(ServerSentEvents, AreWrittenFieldByField) {
  struct Case {
    ServerSentEvent event;
    std::string text;
  };
  const Case cases[] = {
      {message("a"), "data: a\n\n"},
      {message(""), "data: \n\n"},
      {message("{\"a\":1}", "42", "payment"), "id: 42\nevent: payment\ndata: {\"a\":1}\n\n"},
      {{.id = "1", .event = "", .data = "a", .retry = milliseconds(3'000)}, "id: 1\nretry: 3000\ndata: a\n\n"},
      {message("a\nb\r\nc\rd"), "data: a\ndata: b\ndata: c\ndata: d\n\n"},
      {message("\n"), "data: \ndata: \n\n"},
      {message("\n\r"), "data: \ndata: \ndata: \n\n"},
      {message(" a"), "data:  a\n\n"},
      {message("a\n\nevent: forged"), "data: a\ndata: \ndata: event: forged\n\n"},
  };
  for (const Case& c : cases) EXPECT_EQ(to_wire(c.event), c.text);
  EXPECT_TRUE(ServerSentEventParser().put(heartbeat_on_wire).empty());
}

TEST(ServerSentEventsDeathTest, HaveNoLineEndsInTheirFields) {
  for (const std::string& bad : {std::string("a\nb"), std::string("a\rb"), std::string("a\0b", 3)}) {
    EXPECT_DEATH((void)to_wire(message("x", bad)), "event.id");
  }
  for (const std::string bad : {"a\nb", "a\rb"}) EXPECT_DEATH((void)to_wire(message("x", "", bad)), "event.event");
}

// Whatever is written is read as it was, however it is cut, with heartbeats between and any line ends.
TEST(ServerSentEvents, AreReadAsTheyWereWritten) {
  static constexpr std::string_view alphabet = "ab: \n\xEF\xBB\xBF\xC3\xA9";
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    simulation::SimRandom random(seed);
    Events expected;
    std::string text;
    for (std::uint64_t i = 1 + random.below(4); i > 0; --i) {
      ServerSentEvent event = message("", std::to_string(random.below(10)), random.once_in(2) ? "type" : "");
      for (std::uint64_t size = random.below(12); size > 0; --size)
        event.data += alphabet[random.below(alphabet.size())];
      if (random.once_in(3)) event.retry = milliseconds(random.below(10'000));
      text += to_wire(event);
      if (random.once_in(3)) text += heartbeat_on_wire;
      expected.push_back(std::move(event));
    }
    static constexpr std::string_view line_end[] = {"\n", "\r", "\r\n"};
    const std::string_view chosen = line_end[random.below(3)];
    std::string on_wire;
    for (const char c : text) c == '\n' ? on_wire += chosen : on_wire += c;
    check({"seed " + std::to_string(seed), on_wire, expected});
  }
}

Task<Events> read_events(Client& client, Clock& clock) {
  Exchange exchange;
  exchange.url = *Url::parse("http://127.0.0.1/events");
  exchange.method = "GET";
  const auto answer = co_await client.open(std::move(exchange));
  EXPECT_TRUE(answer.has_value());
  if (!answer) co_return Events{};
  EXPECT_EQ((*answer)->headers().get("Content-Type"), "text/event-stream");
  EXPECT_EQ((*answer)->headers().get("Cache-Control"), "no-store");
  ServerSentEventParser parser;
  Events events;
  for (;;) {
    const auto bytes = co_await (*answer)->read_some(clock.ticks() + seconds(20));
    EXPECT_TRUE(bytes.has_value());
    if (!bytes || bytes->empty()) co_return events;
    for (ServerSentEvent& event : parser.put(*bytes)) events.push_back(std::move(event));
  }
}

TEST(ServerSentEvents, GoFromOurServerToOurClient) {
  simulation::SimClock clock;
  simulation::SimRandom random(1);
  simulation::SimNetwork network(clock, random);
  Log log(LogLevel::info, [&] { return clock.now(); }, [](LogLevel, std::string_view line) { ADD_FAILURE() << line; });
  Router router;
  Events sent;
  for (int i = 0; i < 50; ++i) sent.push_back(message(std::string(i * 100, 'x'), std::to_string(i), "tick"));
  router.add("GET", "/events", [&](Request&) -> Task<Response> {
    co_return event_stream([&](BodyWriter& writer) -> Task<void> {
      for (const ServerSentEvent& event : sent) {
        if (!co_await writer.write(to_wire(event))) co_return;
        co_await clock.sleep(seconds(10));
        if (!co_await writer.write(heartbeat_on_wire)) co_return;
      }
    });
  });
  Server server(clock, random, log, router, {});
  TaskGroup group(clock, log, "test");
  group.spawn(server.serve(*network.listen({IpAddress::loopback(), 80}, {})));
  Client client(clock, network, AddressGuard({*Cidr::parse("127.0.0.0/8")}), {});
  EXPECT_EQ(simulation::run_task(clock, read_events(client, clock)), sent);
  simulation::run_task(clock, server.stop(clock.ticks() + seconds(1)));
}

}  // namespace
}  // namespace epay::http
