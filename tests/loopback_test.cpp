// The one test with real sockets: on the loopback interface, with short real waits.
#include "runtime/reactor.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <climits>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "http/client.h"
#include "http/open_answer.h"
#include "http/server.h"
#include "runtime/random.h"
#include "runtime/task_group.h"

namespace epay::runtime {
namespace {

class World {
 public:
  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    group.spawn(keep(std::move(task), result));
    reactor.run();
    return std::move(*result);
  }
  template <class T>
  Task<void> keep(Task<T> task, std::optional<T>& result) {
    result.emplace(co_await std::move(task));
    reactor.stop();
  }

  Reactor reactor;
  SystemRandom random;
  Log log{LogLevel::warning, [this] { return reactor.clock().now(); },
          [](LogLevel, std::string_view line) { ADD_FAILURE() << line; }};
  TaskGroup group{reactor.clock(), log, "test"};
};

Task<void> note(Clock& clock, Ticks due, std::vector<int>& notes, int number) {
  co_await clock.sleep_until(due);
  notes.push_back(number);
}

Task<int> order_of_timers(World& world, std::vector<int>& notes) {
  Clock& clock = world.reactor.clock();
  const Ticks start = clock.ticks();
  world.group.spawn(note(clock, start + milliseconds(20), notes, 3));
  world.group.spawn(note(clock, start + milliseconds(10), notes, 1));
  world.group.spawn(note(clock, start + milliseconds(10), notes, 2));
  world.group.spawn(note(clock, Ticks{INT64_MAX - 1}, notes, 9));
  co_await clock.sleep(milliseconds(30));
  co_return static_cast<int>((clock.ticks() - start).count());
}

TEST(Reactor, RunsTimersInOrder) {
  World world;
  std::vector<int> notes;
  EXPECT_GE(world.run(order_of_timers(world, notes)), 30'000);
  EXPECT_EQ(notes, (std::vector<int>{1, 2, 3}));
}

struct PostElsewhere {
  Clock& clock;
  std::jthread& thread;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) {
    thread = std::jthread([self, &to = clock] { to.post(self); });
  }
  void await_resume() const noexcept {}
};

Task<bool> come_back(World& world, std::jthread& thread) {
  const auto before = std::this_thread::get_id();
  for (int i = 0; i < 100; ++i) co_await PostElsewhere{world.reactor.clock(), thread};
  co_return before == std::this_thread::get_id();
}

TEST(Reactor, TakesPostsFromOtherThreads) {
  World world;
  std::jthread thread;
  EXPECT_TRUE(world.run(come_back(world, thread)));
}

struct Pair {
  std::unique_ptr<Stream> near, far;
};

Task<Pair> connect_pair(Network& network) {
  auto listener = std::move(*network.listen({IpAddress::loopback(), 0}, {}));
  auto near = co_await network.connect(listener->local(), {}, Ticks::never());
  auto far = co_await listener->accept();
  co_return Pair{std::move(*near), std::move(*far)};
}

Task<int> deadlines(World& world) {
  Clock& clock = world.reactor.clock();
  auto pair = co_await connect_pair(world.reactor.network());
  std::array<char, 100> bytes;
  const Ticks start = clock.ticks();
  const auto timed_out = co_await pair.near->read_some(bytes, start + milliseconds(60));
  EXPECT_EQ(timed_out.error().code, ErrorCode::timed_out);
  EXPECT_GE((clock.ticks() - start).count(), 60'000);
  EXPECT_LE((clock.ticks() - start).count(), 400'000);
  // Nothing was lost by that.
  EXPECT_TRUE((co_await pair.near->write("ping", clock.ticks() + seconds(1))).has_value());
  EXPECT_EQ((co_await pair.far->read_some(bytes, clock.ticks() + seconds(1))).value_or(0), 4u);
  EXPECT_TRUE(pair.near->is_reusable());
  // A peer that does not read fills the kernel's buffers, and then the write waits.
  const auto stuck = co_await pair.near->write(std::string(32'000'000, 'x'), clock.ticks() + milliseconds(60));
  EXPECT_EQ(stuck.error().code, ErrorCode::timed_out);
  EXPECT_FALSE(pair.near->is_reusable());
  EXPECT_EQ((co_await pair.near->write("x", Ticks::never())).error().code, ErrorCode::connection_closed);
  co_return 0;
}

TEST(Reactor, KeepsDeadlines) {
  World world;
  world.run(deadlines(world));
}

Task<void> close_soon(Clock& clock, Stream& stream) {
  co_await clock.sleep(milliseconds(10));
  stream.close();
}

Task<int> closing(World& world) {
  auto pair = co_await connect_pair(world.reactor.network());
  world.group.spawn(close_soon(world.reactor.clock(), *pair.near));
  std::array<char, 100> bytes;
  EXPECT_EQ((co_await pair.near->read_some(bytes, Ticks::never())).error().code, ErrorCode::connection_closed);
  EXPECT_EQ((co_await pair.far->read_some(bytes, Ticks::never())).value_or(1), 0u);
  EXPECT_FALSE(pair.far->is_reusable());
  co_return 0;
}

TEST(Reactor, ClosingEndsAReadUnderWay) {
  World world;
  world.run(closing(world));
}

Task<void> read_for_ever(std::unique_ptr<Stream> stream) {
  std::array<char, 100> bytes;
  (void)co_await stream->read_some(bytes, Ticks{INT64_MAX - 1});
}

Task<int> abandon_a_read(World& world, TaskGroup& group) {
  auto pair = co_await connect_pair(world.reactor.network());
  group.spawn(read_for_ever(std::move(pair.near)));
  (void)co_await pair.far->write("x", Ticks::never());
  co_return 0;
}

TEST(Reactor, ForgetsOperationsOfDestroyedCoroutines) {
  World world;
  {
    TaskGroup group(world.reactor.clock(), world.log, "abandoned");
    world.run(abandon_a_read(world, group));
  }
  std::vector<int> notes;
  world.run(order_of_timers(world, notes));  // what the kernel still answers finds nobody
}

Task<int> failures(World& world) {
  Network& network = world.reactor.network();
  auto listener = std::move(*network.listen({IpAddress::loopback(), 0}, {}));
  const SocketAddress at = listener->local();
  EXPECT_EQ(network.listen(at, {}).error().code, ErrorCode::unavailable);
  listener.reset();
  EXPECT_EQ((co_await network.connect(at, {}, Ticks::never())).error().code, ErrorCode::connection_failed);
  const auto unreadable =
      network.listen({IpAddress::loopback(), 0}, TlsFiles{"/nowhere/chain.pem", "/nowhere/key.pem"});
  EXPECT_NE(unreadable.error().message.find("/nowhere/chain.pem"), std::string::npos);
  EXPECT_EQ((co_await network.resolve("127.0.0.1", Ticks::never()))->front(), IpAddress::loopback());
  const auto localhost = co_await network.resolve("localhost", world.reactor.clock().ticks() + seconds(5));
  EXPECT_TRUE(localhost && !localhost->empty());
  const auto unknown =
      co_await network.resolve("no-such-name.invalid", world.reactor.clock().ticks() + milliseconds(300));
  EXPECT_FALSE(unknown.has_value());
  co_return 0;
}

TEST(Reactor, SaysWhatFailed) {
  World world;
  world.run(failures(world));
}

// A key and a certificate for localhost that vouches for itself, in files.
TlsFiles make_certificate() {
  const auto folder = std::filesystem::path(testing::TempDir());
  const TlsFiles files{folder / "epay_reactor_test.crt", folder / "epay_reactor_test.key"};
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  X509_sign(certificate, key, EVP_sha256());
  FILE* file = std::fopen(files.certificate_chain.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(files.private_key.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return files;
}

Task<http::Response> echo(http::Request& request) { co_return http::Response::text(200, request.body); }

// A server and a client on one reactor, with or without TLS; the client trusts the server's certificate, or does not.
struct Service {
  Service(World& world, std::optional<TlsFiles> tls)
      : clock(world.reactor.clock()),
        server(world.reactor.clock(), world.random, world.log, routes(), {}),
        client(world.reactor.clock(), world.reactor.network(),
               http::AddressGuard({*http::Cidr::parse("127.0.0.0/8"), *http::Cidr::parse("::1")}), {}) {
    auto listener = std::move(*world.reactor.network().listen({IpAddress::loopback(), 0}, std::move(tls)));
    port = listener->local().port;
    world.group.spawn(server.serve(std::move(listener)));
  }
  const http::Router& routes() {
    router.add("POST", "/echo", echo);
    router.add("GET", "/ticks", [this](http::Request&) { return ticks(); });
    return router;
  }
  // Writes until a write fails, as an endless stream of events does, or `pieces_max` pieces.
  Task<http::Response> ticks() {
    http::Response response;
    response.stream = [this](http::BodyWriter& writer) -> Task<void> {
      for (int i = 0; i < pieces_max; ++i) {
        if (!co_await writer.write(piece)) break;
        co_await clock.sleep(milliseconds(2));
      }
      ++streams_ended;
    };
    co_return response;
  }
  // Reads the stream of ticks, its first `read_max` bytes; how many there were.
  Task<std::size_t> read_ticks(std::string origin, std::size_t read_max) {
    http::Exchange exchange;
    exchange.url = *http::Url::parse(origin + ":" + std::to_string(port) + "/ticks");
    exchange.method = "GET";
    const auto answer = co_await client.open(std::move(exchange));
    EXPECT_TRUE(answer.has_value());
    if (!answer) co_return 0;
    std::size_t total = 0;
    while (total < read_max) {
      const auto bytes = co_await (*answer)->read_some(clock.ticks() + seconds(5));
      EXPECT_TRUE(bytes.has_value());
      if (!bytes || bytes->empty()) break;
      EXPECT_EQ(bytes->find_first_not_of('x'), std::string::npos);
      total += bytes->size();
    }
    co_return total;
  }
  Task<http::ExchangeReport> post(std::string origin, std::string body) {
    http::Exchange exchange;
    exchange.url = *http::Url::parse(origin + ":" + std::to_string(port) + "/echo");
    exchange.body = std::move(body);
    return client.exchange(std::move(exchange));
  }
  Task<bool> stop() {
    co_await server.stop(clock.ticks() + seconds(1));
    co_return true;
  }
  Clock& clock;
  int pieces_max = 20;
  std::string piece = "x";
  int streams_ended = 0;
  http::Router router;
  http::Server server;
  http::Client client;
  std::uint16_t port = 0;
};

TEST(Reactor, CarriesExchanges) {
  const TlsFiles files = make_certificate();
  setenv("SSL_CERT_FILE", files.certificate_chain.c_str(), 1);
  for (const bool tls : {false, true}) {
    SCOPED_TRACE(tls);
    World world;
    Service service(world, tls ? std::optional(files) : std::nullopt);
    const std::string origin = tls ? "https://localhost" : "http://localhost";
    for (const std::size_t size : {0, 1, 20'000, 1'000'000}) {
      const std::string body(size, 'b');
      const auto report = world.run(service.post(origin, body));
      ASSERT_TRUE(report.answer.has_value()) << report.answer.error().message;
      EXPECT_EQ(report.answer->status, 200);
      EXPECT_EQ(report.answer->body, body.substr(0, 16 * 1024));
      EXPECT_EQ(report.reused_connection, size > 0);
      // The handshake is there when it happened, and counted once.
      const http::Timings& took = report.timings;
      EXPECT_EQ(took.tls.count() > 0, tls && !report.reused_connection);
      EXPECT_EQ(took.connect.count() > 0, !report.reused_connection);
      EXPECT_LE(took.dns + took.connect + took.tls + took.first_byte, took.total);
    }
    EXPECT_EQ(world.run(service.post(origin, std::string(1'048'577, 'x'))).answer->status, 413);
    world.run(service.stop());
    EXPECT_EQ(service.server.connections(), 0u);
  }
  unsetenv("SSL_CERT_FILE");
}

Task<bool> wait_for_streams(Service& service, int ended) {
  const Ticks due = service.clock.ticks() + seconds(5);
  while (service.streams_ended < ended && service.clock.ticks() < due) co_await service.clock.sleep(milliseconds(5));
  co_return service.streams_ended == ended;
}

TEST(Reactor, CarriesStreams) {
  const TlsFiles files = make_certificate();
  setenv("SSL_CERT_FILE", files.certificate_chain.c_str(), 1);
  for (const bool tls : {false, true}) {
    SCOPED_TRACE(tls);
    World world;
    Service service(world, tls ? std::optional(files) : std::nullopt);
    const std::string origin = tls ? "https://localhost" : "http://localhost";
    EXPECT_EQ(world.run(service.read_ticks(origin, SIZE_MAX)), 20u);
    service.piece = std::string(100'000, 'x');
    EXPECT_EQ(world.run(service.read_ticks(origin, SIZE_MAX)), 2'000'000u);
    EXPECT_EQ(service.streams_ended, 2);
    // A reader that goes away in the middle ends an endless stream.
    service.pieces_max = INT_MAX;
    EXPECT_GE(world.run(service.read_ticks(origin, 300'000)), 300'000u);
    EXPECT_TRUE(world.run(wait_for_streams(service, 3)));
    world.run(service.stop());
    EXPECT_EQ(service.server.connections(), 0u);
  }
  unsetenv("SSL_CERT_FILE");
}

TEST(Reactor, TrustsNoOtherCertificate) {
  const TlsFiles files = make_certificate();
  struct Case {
    bool trusted;
    std::string origin, reason;
  };
  for (const Case& c : {Case{false, "https://localhost", "self-signed"}, Case{true, "https://127.0.0.1", "address"}}) {
    SCOPED_TRACE(c.origin);
    if (c.trusted) setenv("SSL_CERT_FILE", files.certificate_chain.c_str(), 1);
    World world;
    Service service(world, files);
    const auto report = world.run(service.post(c.origin, "x"));
    ASSERT_FALSE(report.answer.has_value());
    EXPECT_EQ(report.answer.error().code, ErrorCode::connection_failed);
    EXPECT_NE(report.answer.error().message.find(c.reason), std::string::npos) << report.answer.error().message;
    world.run(service.stop());
    unsetenv("SSL_CERT_FILE");
  }
}

}  // namespace
}  // namespace epay::runtime
