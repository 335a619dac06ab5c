#include "simulation/sim_network.h"

#include <algorithm>

#include "base/check.h"

namespace epay::simulation {
namespace {

using runtime::Listener;

// One coroutine that waits until something changes or a deadline passes.
class Waiter {
 public:
  explicit Waiter(Clock& clock) : clock_(clock) {}
  ~Waiter() { forget(); }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // Wakes at `due`, or earlier by wake_at().
  auto wait(Ticks due) {
    struct Awaiter {
      Waiter& waiter;
      Ticks due;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> self) {
        EPAY_CHECK(!waiter.waiting_);
        waiter.waiting_ = self;
        waiter.due_ = Ticks::never();
        waiter.wake_at(due);
      }
      void await_resume() const noexcept { waiter.waiting_ = {}; }
    };
    return Awaiter{*this, due};
  }
  void wake_at(Ticks at) {
    if (!waiting_ || at >= due_) return;
    if (due_ != Ticks::never()) clock_.cancel_timer(timer_);
    due_ = at;
    timer_ = clock_.start_timer(at, waiting_);
  }
  void forget() {
    if (waiting_ && due_ != Ticks::never()) clock_.cancel_timer(timer_);
    waiting_ = {};
  }

 private:
  Clock& clock_;
  std::coroutine_handle<> waiting_;
  Ticks due_ = Ticks::never();
  runtime::TimerId timer_ = 0;
};

// Bytes from one end to the other.
struct Pipe {
  explicit Pipe(Clock& clock) : reader(clock), writer(clock) {}

  struct Piece {
    Ticks arrives;
    std::string bytes;  // empty: the end
  };
  std::deque<Piece> pieces;
  std::size_t held = 0;  // bytes in `pieces`
  Ticks last_arrival{};
  bool ended = false;  // by its writer
  bool deaf = false;   // by its reader, who is gone
  Waiter reader;
  Waiter writer;
};

struct Connection {
  explicit Connection(Clock& clock) : pipes{Pipe(clock), Pipe(clock)} {}
  Pipe pipes[2];  // [0] from the one who connected
  bool broken = false;
  bool lost = false;                  // black hole: what is written to pipe 1 never arrives
  std::size_t bytes_left = SIZE_MAX;  // until it breaks

  void wake_all(Ticks at) {
    for (Pipe& pipe : pipes) {
      pipe.reader.wake_at(at);
      pipe.writer.wake_at(at);
    }
  }
};

}  // namespace

struct SimNetwork::State {
  State(Clock& c, Random& r) : clock(c), random(r) {}

  struct Listening {
    explicit Listening(Clock& clock) : waiter(clock) {}
    SocketAddress at;
    bool tls = false;
    bool open = true;
    std::deque<std::unique_ptr<Stream>> pending;
    Waiter waiter;
  };
  class SimStream;
  class SimListener;

  microseconds latency() {
    return latency_least +
           microseconds(random.below(static_cast<std::uint64_t>((latency_most - latency_least).count()) + 1));
  }

  Clock& clock;
  Random& random;
  microseconds latency_least{100};
  microseconds latency_most{100};
  std::map<std::string, std::vector<IpAddress>> hosts;
  std::map<SocketAddress, std::shared_ptr<Listening>> listeners;
  std::map<SocketAddress, Fault> faults;
  std::map<std::string, Fault> host_faults;
  std::map<SocketAddress, std::size_t> breaks;
  std::set<SimStream*> streams;
  std::size_t connections = 0;
  std::uint16_t next_port = 40'000;
};

class SimNetwork::State::SimStream final : public Stream {
 public:
  SimStream(std::shared_ptr<State> state, std::shared_ptr<Connection> connection, int side, SocketAddress peer)
      : state_(std::move(state)), connection_(std::move(connection)), side_(side), peer_(peer) {
    state_->streams.insert(this);
  }
  ~SimStream() override {
    incoming().reader.forget();
    outgoing().writer.forget();
    close();
    state_->streams.erase(this);
  }

  Task<Result<std::size_t>> read_some(std::span<char> into, Ticks deadline) override {
    Clock& time = state_->clock;
    Pipe& pipe = incoming();
    for (;;) {
      if (closed_) co_return closed();
      if (connection_->broken) co_return fail(ErrorCode::connection_closed, "The connection broke.");
      if (!pipe.pieces.empty() && pipe.pieces.front().arrives <= time.ticks()) {
        if (pipe.pieces.front().bytes.empty()) co_return std::size_t(0);
        co_return take(pipe, into);
      }
      if (time.ticks() >= deadline) co_return fail(ErrorCode::timed_out, "Timed out while reading.");
      co_await pipe.reader.wait(pipe.pieces.empty() ? deadline : std::min(deadline, pipe.pieces.front().arrives));
    }
  }

  Task<Result<>> write(std::string_view bytes, Ticks deadline) override {
    Clock& time = state_->clock;
    Pipe& pipe = outgoing();
    while (!bytes.empty()) {
      if (closed_) co_return closed();
      if (connection_->broken || pipe.deaf) co_return fail(ErrorCode::connection_closed, "The connection broke.");
      if (pipe.held < window_bytes) {
        const std::string_view piece = bytes.substr(0, window_bytes - pipe.held);
        send(pipe, std::string(piece));
        bytes.remove_prefix(piece.size());
        continue;
      }
      if (time.ticks() >= deadline) {
        close();
        co_return fail(ErrorCode::timed_out, "Timed out while writing.");
      }
      co_await pipe.writer.wait(deadline);
    }
    co_return Result<>();
  }

  void close() override {
    if (std::exchange(closed_, true)) return;
    const Ticks now = state_->clock.ticks();
    if (!outgoing().ended) send(outgoing(), "");
    incoming().reader.wake_at(now);
    outgoing().writer.wake_at(now);
    // The other end's writes fail once it can have heard of this.
    incoming().deaf = true;
    incoming().writer.wake_at(now + state_->latency());
  }

  bool is_reusable() override {
    const Pipe& pipe = incoming();
    return !closed_ && !connection_->broken &&
           (pipe.pieces.empty() || pipe.pieces.front().arrives > state_->clock.ticks());
  }
  SocketAddress peer() const override { return peer_; }
  microseconds handshake_took() const override { return handshake_took_; }

  void set_handshake_took(microseconds took) { handshake_took_ = took; }
  void drop() {
    incoming().reader.forget();
    outgoing().writer.forget();
    closed_ = true;
  }
  bool is_open() const { return !closed_; }

 private:
  static std::unexpected<Error> closed() { return fail(ErrorCode::connection_closed, "The connection was closed."); }
  Pipe& outgoing() { return connection_->pipes[side_]; }
  Pipe& incoming() { return connection_->pipes[1 - side_]; }

  void send(Pipe& pipe, std::string bytes) {
    if (bytes.empty()) pipe.ended = true;
    if (connection_->lost && side_ == 1) return;
    pipe.last_arrival = std::max(pipe.last_arrival, state_->clock.ticks() + state_->latency());
    pipe.held += bytes.size();
    pipe.pieces.push_back({pipe.last_arrival, std::move(bytes)});
    if (connection_->bytes_left != SIZE_MAX) count_down(pipe);
    pipe.reader.wake_at(pipe.last_arrival);
  }
  // Cuts the piece just sent where the connection is to break.
  void count_down(Pipe& pipe) {
    std::string& last = pipe.pieces.back().bytes;
    if (last.size() < connection_->bytes_left) {
      connection_->bytes_left -= last.size();
      return;
    }
    pipe.held -= last.size() - connection_->bytes_left;
    last.resize(connection_->bytes_left);
    connection_->bytes_left = 0;
    if (last.empty()) {
      pipe.pieces.pop_back();
      connection_->broken = true;
      connection_->wake_all(state_->clock.ticks());
    }
  }
  std::size_t take(Pipe& pipe, std::span<char> into) {
    std::string& bytes = pipe.pieces.front().bytes;
    const std::size_t count = std::min(into.size(), bytes.size());
    std::copy_n(bytes.begin(), count, into.begin());
    pipe.held -= count;
    bytes.erase(0, count);
    if (bytes.empty()) pipe.pieces.pop_front();
    pipe.writer.wake_at(state_->clock.ticks());
    // The last byte before a break has been read.
    if (connection_->bytes_left == 0 && pipe.pieces.empty()) {
      connection_->broken = true;
      connection_->wake_all(state_->clock.ticks());
    }
    return count;
  }

  std::shared_ptr<State> state_;
  std::shared_ptr<Connection> connection_;
  int side_;
  SocketAddress peer_;
  microseconds handshake_took_{0};
  bool closed_ = false;
};

class SimNetwork::State::SimListener final : public Listener {
 public:
  SimListener(std::shared_ptr<State> state, std::shared_ptr<Listening> listening)
      : state_(std::move(state)), listening_(std::move(listening)) {}
  ~SimListener() override {
    listening_->waiter.forget();
    close();
  }
  Task<Result<std::unique_ptr<Stream>>> accept() override {
    while (listening_->open) {
      if (!listening_->pending.empty()) {
        auto stream = std::move(listening_->pending.front());
        listening_->pending.pop_front();
        co_return stream;
      }
      co_await listening_->waiter.wait(Ticks::never());
    }
    co_return fail(ErrorCode::connection_closed, "The listener was closed.");
  }
  void close() override {
    if (!std::exchange(listening_->open, false)) return;
    const auto found = state_->listeners.find(listening_->at);
    if (found != state_->listeners.end() && found->second == listening_) state_->listeners.erase(found);
    listening_->pending.clear();
    listening_->waiter.wake_at(state_->clock.ticks());
  }
  SocketAddress local() const override { return listening_->at; }

 private:
  std::shared_ptr<State> state_;
  std::shared_ptr<Listening> listening_;
};

SimNetwork::SimNetwork(Clock& clock, Random& random) : state_(std::make_shared<State>(clock, random)), clock_(clock) {}
SimNetwork::SimNetwork(const SimNetwork& whole, Clock& clock) : state_(whole.state_), clock_(clock) {}
SimNetwork::~SimNetwork() = default;

Task<Result<std::vector<IpAddress>>> SimNetwork::resolve(std::string host, Ticks deadline) {
  if (const auto literal = IpAddress::parse(host)) co_return std::vector{*literal};
  const auto fault = state_->host_faults.find(host);
  const Ticks answered = state_->clock.ticks() + state_->latency() + state_->latency();
  if ((fault != state_->host_faults.end() && fault->second != Fault::none) || answered > deadline) {
    co_await clock_.sleep_until(deadline);
    co_return fail(ErrorCode::timed_out, "Timed out while looking up the name " + host + ".");
  }
  co_await clock_.sleep_until(answered);
  const auto found = state_->hosts.find(host);
  if (found == state_->hosts.end())
    co_return fail(ErrorCode::connection_failed, "The name " + host + " has no address.");
  co_return found->second;
}

Task<Result<std::unique_ptr<Stream>>> SimNetwork::connect(SocketAddress to, std::optional<std::string> tls_server_name,
                                                          Ticks deadline) {
  const auto state = state_;
  const auto found_fault = state->faults.find(to);
  const Fault fault = found_fault == state->faults.end() ? Fault::none : found_fault->second;
  const Ticks answered = state->clock.ticks() + state->latency() + state->latency();
  if (fault == Fault::silent || answered > deadline) {
    co_await clock_.sleep_until(deadline);
    co_return fail(ErrorCode::timed_out, "Timed out while connecting to " + to.to_string() + ".");
  }
  co_await clock_.sleep_until(answered);
  const auto listening = state->listeners.find(to);
  if (fault == Fault::refuse || (fault != Fault::black_hole && listening == state->listeners.end())) {
    co_return fail(ErrorCode::connection_failed, "No connection to " + to.to_string() + ": refused.");
  }
  const auto connection = std::make_shared<Connection>(state->clock);
  if (const auto found = state->breaks.find(to); found != state->breaks.end()) {
    connection->bytes_left = found->second;
    state->breaks.erase(found);
  }
  ++state->connections;
  const SocketAddress from{IpAddress::loopback(), state->next_port++};
  auto near = std::make_unique<State::SimStream>(state, connection, 0, to);
  if (fault == Fault::black_hole) {
    connection->lost = true;
    co_return std::unique_ptr<Stream>(std::move(near));
  }
  if (listening->second->tls != tls_server_name.has_value()) {
    co_return fail(ErrorCode::connection_failed, "TLS handshake failed: only one end speaks it.");
  }
  listening->second->pending.push_back(std::make_unique<State::SimStream>(state, connection, 1, from));
  listening->second->waiter.wake_at(state->clock.ticks());
  if (tls_server_name) {
    const microseconds took = state->latency() + state->latency();
    const Ticks shaken = state->clock.ticks() + took;
    co_await clock_.sleep_until(std::min(shaken, deadline));
    if (shaken > deadline) co_return fail(ErrorCode::timed_out, "Timed out while shaking hands.");
    near->set_handshake_took(took);
  }
  co_return std::unique_ptr<Stream>(std::move(near));
}

Result<std::unique_ptr<Listener>> SimNetwork::listen(SocketAddress at, std::optional<runtime::TlsFiles> tls) {
  if (at.port == 0) at.port = state_->next_port++;
  if (state_->listeners.contains(at))
    return fail(ErrorCode::unavailable, "Cannot listen on " + at.to_string() + ": in use.");
  auto listening = std::make_shared<State::Listening>(state_->clock);
  listening->at = at;
  listening->tls = tls.has_value();
  state_->listeners.emplace(at, listening);
  return std::make_unique<State::SimListener>(state_, std::move(listening));
}

void SimNetwork::set_latency(microseconds least, microseconds most) {
  EPAY_CHECK(least <= most);
  state_->latency_least = least;
  state_->latency_most = most;
}
void SimNetwork::set_host(std::string name, std::vector<IpAddress> addresses) {
  state_->hosts[std::move(name)] = std::move(addresses);
}
void SimNetwork::set_fault(SocketAddress to, Fault fault) { state_->faults[to] = fault; }
void SimNetwork::set_fault(const std::string& host, Fault fault) { state_->host_faults[host] = fault; }
void SimNetwork::break_next_connection_after(SocketAddress to, std::size_t bytes) { state_->breaks[to] = bytes; }

void SimNetwork::drop_all() {
  for (const auto& [address, listening] : std::exchange(state_->listeners, {})) {
    listening->waiter.forget();
    listening->open = false;
    listening->pending.clear();
  }
  for (auto* stream : state_->streams) stream->drop();
}

std::size_t SimNetwork::connections_made() const { return state_->connections; }
std::size_t SimNetwork::open_streams() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(state_->streams, [](const auto* stream) { return stream->is_open(); }));
}

}  // namespace epay::simulation
