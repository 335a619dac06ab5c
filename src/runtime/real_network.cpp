#include "runtime/real_network.h"

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/check.h"
#include "runtime/deadline_wheel.h"
#include "runtime/name_resolver.h"
#include "runtime/tls_stream.h"

namespace epay::runtime {
namespace {

// Of a connection that we make: answers are small.
constexpr int receive_buffer_bytes = 64 * 1024;

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorOfSystem = boost::system::error_code;

tcp::endpoint to_endpoint(const SocketAddress& address) {
  if (address.ip.is_v4) {
    asio::ip::address_v4::bytes_type bytes;
    std::copy(address.ip.bytes.begin() + 12, address.ip.bytes.end(), bytes.begin());
    return {asio::ip::address_v4(bytes), address.port};
  }
  return {asio::ip::address_v6(address.ip.bytes), address.port};
}

SocketAddress to_address(const tcp::endpoint& endpoint) {
  if (endpoint.address().is_v4()) {
    const auto bytes = endpoint.address().to_v4().to_bytes();
    return {IpAddress::v4(bytes[0], bytes[1], bytes[2], bytes[3]), endpoint.port()};
  }
  const auto v6 = endpoint.address().to_v6();
  const auto bytes = v6.to_bytes();
  // A socket that listens on :: sees IPv4 peers in this form.
  if (v6.is_v4_mapped()) return {IpAddress::v4(bytes[12], bytes[13], bytes[14], bytes[15]), endpoint.port()};
  IpAddress ip;
  ip.bytes = bytes;
  return {ip, endpoint.port()};
}

// Sweeps its wheel once a granule, while anything is on it.
class Sweeper {
 public:
  Sweeper(asio::io_context& io, const Clock& clock) : timer_(io), clock_(clock) {}
  void add(Deadline& deadline, Ticks due) {
    wheel_.add(deadline, due);
    if (!running_ && wheel_.size() > 0) start();
  }

 private:
  void start() {
    running_ = true;
    timer_.expires_after(DeadlineWheel::granule);
    timer_.async_wait([this](const ErrorOfSystem& error) {
      if (error) return;
      wheel_.sweep(clock_.ticks());
      running_ = false;
      if (wheel_.size() > 0) start();
    });
  }

  asio::steady_timer timer_;
  const Clock& clock_;
  DeadlineWheel wheel_;
  bool running_ = false;
};

// What a coroutine waits for, with its deadline. The kernel's answer may come after the coroutine is gone: then
// nobody waits, and it is dropped.
class Operation final : public Deadline {
 public:
  explicit Operation(std::function<void()> cancel) : cancel_(std::move(cancel)) {}

  void begin(Sweeper& sweeper, std::coroutine_handle<> waiting, Ticks due) {
    EPAY_CHECK(!waiting_);
    waiting_ = waiting;
    timed_out_ = false;
    sweeper.add(*this, due);
  }
  void end(const ErrorOfSystem& error, std::size_t bytes) {
    leave();
    error_ = error;
    bytes_ = bytes;
    if (waiting_) std::exchange(waiting_, {}).resume();
  }
  void abandon() {
    leave();
    waiting_ = {};
  }

  bool timed_out() const { return timed_out_; }
  const ErrorOfSystem& error() const { return error_; }
  std::size_t bytes() const { return bytes_; }

 private:
  void on_expired() override {
    timed_out_ = true;
    cancel_();
  }

  std::function<void()> cancel_;  // makes the kernel's answer come soon
  std::coroutine_handle<> waiting_;
  ErrorOfSystem error_;
  std::size_t bytes_ = 0;
  bool timed_out_ = false;
};

template <class Start>
struct Wait {
  Operation& operation;
  Sweeper& sweeper;
  Ticks deadline;
  Start start;  // starts the kernel's work, whose handler calls operation.end(); never before await_suspend returns

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) {
    operation.begin(sweeper, self, deadline);
    start();
  }
  void await_resume() const noexcept {}
};
template <class Start>
Wait(Operation&, Sweeper&, Ticks, Start) -> Wait<Start>;

// What the kernel's handlers share with a stream, and keep alive after it.
struct Connection {
  Connection(tcp::socket connected, std::shared_ptr<Sweeper> shared)
      : socket(std::move(connected)), sweeper(std::move(shared)) {}

  void close() {
    ErrorOfSystem ignored;
    socket.close(ignored);
  }

  tcp::socket socket;
  std::shared_ptr<Sweeper> sweeper;
  // Cancelling takes a write under way with it, which then goes on by itself.
  Operation reading{[this] {
    ErrorOfSystem ignored;
    socket.cancel(ignored);
  }};
  Operation writing{[this] { close(); }};
};

std::unexpected<Error> failure(const Operation& operation, const char* doing) {
  if (operation.timed_out()) return fail(ErrorCode::timed_out, std::string("Timed out while ") + doing + ".");
  if (operation.error() == asio::error::operation_aborted)
    return fail(ErrorCode::connection_closed, "The connection was closed.");
  return fail(ErrorCode::connection_closed, "The connection broke: " + operation.error().message() + ".");
}

class SocketStream final : public DirectStream {
 public:
  SocketStream(std::shared_ptr<Connection> connection, SocketAddress peer)
      : connection_(std::move(connection)), peer_(peer) {}
  ~SocketStream() override {
    connection_->reading.abandon();
    connection_->writing.abandon();
    connection_->close();
  }

  Task<Result<std::size_t>> read_some(std::span<char> into, Ticks deadline) override {
    Connection& to = *connection_;
    if (!to.socket.is_open()) co_return fail(ErrorCode::connection_closed, "The connection was closed.");
    co_await Wait{to.reading, *to.sweeper, deadline, [&] {
                    to.socket.async_read_some(asio::buffer(into.data(), into.size()),
                                              [kept = connection_](const ErrorOfSystem& error, std::size_t bytes) {
                                                kept->reading.end(error, bytes);
                                              });
                  }};
    if (!to.reading.error()) co_return to.reading.bytes();
    if (to.reading.error() == asio::error::eof) co_return std::size_t(0);
    co_return failure(to.reading, "reading");
  }

  Task<Result<>> write(std::string_view bytes, Ticks deadline) override {
    Connection& to = *connection_;
    for (;;) {
      if (!to.socket.is_open()) co_return fail(ErrorCode::connection_closed, "The connection was closed.");
      const ssize_t sent = ::send(to.socket.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
        co_return fail(ErrorCode::connection_closed,
                       std::string("The connection broke: ") + std::strerror(errno) + ".");
      }
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
      if (bytes.empty()) co_return Result<>();
      co_await Wait{to.writing, *to.sweeper, deadline, [&] {
                      to.socket.async_wait(tcp::socket::wait_write, [kept = connection_](const ErrorOfSystem& error) {
                        kept->writing.end(error, 0);
                      });
                    }};
      const bool cancelled_with_a_read =
          to.writing.error() == asio::error::operation_aborted && !to.writing.timed_out();
      if (to.writing.error() && !cancelled_with_a_read) co_return failure(to.writing, "writing");
    }
  }

  std::optional<std::size_t> read_now(std::span<char> into) override {
    if (!connection_->socket.is_open()) return 0;
    const ssize_t count = ::recv(connection_->socket.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {};
    return 0;
  }

  std::size_t write_now(std::string_view bytes) override {
    if (!connection_->socket.is_open()) return 0;
    const ssize_t sent =
        ::send(connection_->socket.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent > 0 ? static_cast<std::size_t>(sent) : 0;
  }

  void close() override { connection_->close(); }

  bool is_reusable() override {
    if (!connection_->socket.is_open()) return false;
    char byte;
    const ssize_t count = ::recv(connection_->socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  SocketAddress peer() const override { return peer_; }

 private:
  std::shared_ptr<Connection> connection_;
  SocketAddress peer_;
};

// As Connection is to a stream.
struct Accepting {
  Accepting(tcp::acceptor listening, std::shared_ptr<Sweeper> shared)
      : acceptor(std::move(listening)), sweeper(std::move(shared)), accepted(acceptor.get_executor()) {}
  void close() {
    ErrorOfSystem ignored;
    acceptor.close(ignored);
  }

  tcp::acceptor acceptor;
  std::shared_ptr<Sweeper> sweeper;
  tcp::socket accepted;
  tcp::endpoint peer;
  Operation waiting{[this] { close(); }};
};

class SocketListener final : public Listener {
 public:
  SocketListener(std::shared_ptr<Accepting> accepting, std::optional<TlsContext> tls, Clock& clock)
      : accepting_(std::move(accepting)),
        tls_(std::move(tls)),
        clock_(clock),
        local_(to_address(accepting_->acceptor.local_endpoint())) {}
  ~SocketListener() override {
    accepting_->waiting.abandon();
    accepting_->close();
  }

  Task<Result<std::unique_ptr<Stream>>> accept() override {
    // Out of descriptors or memory, the kernel would report the same again and again.
    static constexpr milliseconds pause_after_failure{50};
    Accepting& at = *accepting_;
    while (at.acceptor.is_open()) {
      co_await Wait{at.waiting, *at.sweeper, Ticks::never(), [&] {
                      at.acceptor.async_accept(at.accepted, at.peer, [kept = accepting_](const ErrorOfSystem& error) {
                        kept->waiting.end(error, 0);
                      });
                    }};
      if (!at.waiting.error()) co_return adopt();
      if (at.acceptor.is_open() && at.waiting.error() != asio::error::connection_aborted)
        co_await clock_.sleep(pause_after_failure);
    }
    co_return fail(ErrorCode::connection_closed, "The listener was closed.");
  }

  void close() override { accepting_->close(); }
  SocketAddress local() const override { return local_; }

 private:
  std::unique_ptr<Stream> adopt() {
    Accepting& at = *accepting_;
    ErrorOfSystem ignored;
    at.accepted.set_option(tcp::no_delay(true), ignored);
    auto connection = std::make_shared<Connection>(std::move(at.accepted), at.sweeper);
    at.accepted = tcp::socket(at.acceptor.get_executor());
    auto plain = std::make_unique<SocketStream>(std::move(connection), to_address(at.peer));
    if (!tls_) return plain;
    return std::make_unique<TlsStream>(*tls_, std::move(plain), clock_);
  }

  std::shared_ptr<Accepting> accepting_;
  std::optional<TlsContext> tls_;
  Clock& clock_;
  SocketAddress local_;
};

// A look-up under way, shared with the resolver's thread.
struct LookUp {
  Operation waiting{[this] { waiting.end({}, 0); }};
  std::optional<NameResolver::Addresses> answer;
};

}  // namespace

struct RealNetwork::State {
  State(asio::io_context& io_context, Clock& real_clock)
      : io(io_context), clock(real_clock), sweeper(std::make_shared<Sweeper>(io_context, real_clock)) {}

  asio::io_context& io;
  Clock& clock;
  std::shared_ptr<Sweeper> sweeper;
  std::optional<TlsContext> client_tls;  // made when first needed: reading the system's certificates takes milliseconds
  NameResolver resolver;
};

RealNetwork::RealNetwork(asio::io_context& io, Clock& clock) : state_(std::make_shared<State>(io, clock)) {}
RealNetwork::~RealNetwork() = default;

Task<Result<std::vector<IpAddress>>> RealNetwork::resolve(std::string host, Ticks deadline) {
  if (const auto literal = IpAddress::parse(host)) co_return std::vector{*literal};
  const auto question = std::make_shared<LookUp>();
  const auto done = [question, &io = state_->io](NameResolver::Addresses addresses) {
    asio::post(io, [question, addresses = std::move(addresses)]() mutable {
      question->answer = std::move(addresses);
      question->waiting.end({}, 0);
    });
  };
  if (!state_->resolver.resolve(host, done))
    co_return fail(ErrorCode::connection_failed, "Too many names are being looked up.");
  // A coroutine destroyed while it waits must not be resumed by the answer.
  struct Abandon {
    LookUp& question;
    ~Abandon() { question.waiting.abandon(); }
  } const abandon{*question};
  co_await Wait{question->waiting, *state_->sweeper, deadline, [] {}};
  if (!question->answer) co_return fail(ErrorCode::timed_out, "Timed out while looking up the name " + host + ".");
  co_return std::move(*question->answer);
}

Task<Result<std::unique_ptr<Stream>>> RealNetwork::connect(SocketAddress to, std::optional<std::string> tls_server_name,
                                                           Ticks deadline) {
  const auto connection = std::make_shared<Connection>(tcp::socket(state_->io), state_->sweeper);
  const tcp::endpoint endpoint = to_endpoint(to);
  ErrorOfSystem error;
  connection->socket.open(endpoint.protocol(), error);
  // Set before connecting, since it sets the window: a peer that pours out more than we read fills no more than this.
  ErrorOfSystem ignored;
  connection->socket.set_option(asio::socket_base::receive_buffer_size(receive_buffer_bytes), ignored);
  if (!error) connection->socket.set_option(tcp::no_delay(true), error);
  if (error) co_return fail(ErrorCode::connection_failed, "No socket could be opened: " + error.message() + ".");
  auto plain = std::make_unique<SocketStream>(connection, to);  // abandons what waits if this coroutine is destroyed
  co_await Wait{connection->writing, *connection->sweeper, deadline, [&] {
                  connection->socket.async_connect(
                      endpoint, [kept = connection](const ErrorOfSystem& failed) { kept->writing.end(failed, 0); });
                }};
  if (connection->writing.timed_out())
    co_return fail(ErrorCode::timed_out, "Timed out while connecting to " + to.to_string() + ".");
  if (connection->writing.error()) {
    co_return fail(ErrorCode::connection_failed,
                   "No connection to " + to.to_string() + ": " + connection->writing.error().message() + ".");
  }
  if (!tls_server_name) co_return std::unique_ptr<Stream>(std::move(plain));
  if (tls_server_name->empty()) co_return fail(ErrorCode::connection_failed, "TLS needs the name of the server.");
  if (!state_->client_tls) {
    auto made = TlsContext::client();
    if (!made) co_return fail(ErrorCode::connection_failed, made.error().message);
    state_->client_tls = std::move(*made);
  }
  auto secured = std::make_unique<TlsStream>(*state_->client_tls, std::move(plain), state_->clock, *tls_server_name);
  if (const auto shaken = co_await secured->handshake(deadline); !shaken) {
    // Nothing of the exchange was sent, however the handshake ended.
    const auto code = shaken.error().code == ErrorCode::timed_out ? ErrorCode::timed_out : ErrorCode::connection_failed;
    co_return fail(code, shaken.error().message);
  }
  co_return std::unique_ptr<Stream>(std::move(secured));
}

Result<std::unique_ptr<Listener>> RealNetwork::listen(SocketAddress at, std::optional<TlsFiles> tls) {
  std::optional<TlsContext> context;
  if (tls) {
    auto made = TlsContext::server(*tls);
    if (!made) return std::unexpected(made.error());
    context = std::move(*made);
  }
  const tcp::endpoint endpoint = to_endpoint(at);
  tcp::acceptor acceptor(state_->io);
  ErrorOfSystem error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(SOMAXCONN, error);
  if (error) return fail(ErrorCode::unavailable, "Cannot listen on " + at.to_string() + ": " + error.message() + ".");
  auto accepting = std::make_shared<Accepting>(std::move(acceptor), state_->sweeper);
  return std::make_unique<SocketListener>(std::move(accepting), std::move(context), state_->clock);
}

}  // namespace epay::runtime
