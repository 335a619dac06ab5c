#include "bench/receivers.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <stdexcept>

#include "base/check.h"
#include "bench/charges.h"
#include "http/read_buffer.h"
#include "http/request_parser.h"
#include "runtime/reactor.h"
#include "runtime/task_group.h"

namespace epay::bench {
namespace {

constexpr int endpoints_per_block = 250;
constexpr http::RequestParser::Limits request_limits{16 * 1024, 1024 * 1024};
constexpr int start_wait_max_ms = 5'000;
constexpr int least_urgent = 19;
constexpr std::string_view healthy_path = "/webhook";
constexpr std::string_view healthy_answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

constexpr std::uint16_t misbehaving_port(std::uint16_t port) { return std::uint16_t(port + 1'000); }

}  // namespace

// The receivers write, the bench reads.
struct Receivers::Shared {
  Arrival* list;  // behind this struct; a fork leaves it at the same address
  std::size_t arrivals_max;
  std::atomic<std::size_t> arrivals;
  std::atomic<int> listening;
  std::atomic<std::int64_t> misbehaved, poured, followed, connections, connections_peak, endpoint_connections_peak;
};

namespace {

struct Receiver {
  explicit Receiver(Receivers::Shared& s)
      : shared(s),
        log(
            LogLevel::warning, [this] { return reactor.clock().now(); }, print_log_line),
        tasks(reactor.clock(), log, "receivers") {}

  Receivers::Shared& shared;
  runtime::Reactor reactor;
  Log log;
  TaskGroup tasks;
  std::map<EndpointId, std::int64_t> connections_of;
};

void raise(std::atomic<std::int64_t>& peak, std::int64_t value) {
  std::int64_t seen = peak;
  while (seen < value && !peak.compare_exchange_weak(seen, value)) {
  }
}

// A connection is an endpoint's from its first request on.
struct Connection {
  Receiver& receiver;
  std::optional<EndpointId> endpoint;

  explicit Connection(Receiver& r) : receiver(r) { raise(r.shared.connections_peak, ++r.shared.connections); }
  ~Connection() {
    --receiver.shared.connections;
    if (endpoint) --receiver.connections_of[*endpoint];
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void belongs_to(EndpointId id) {
    if (endpoint) return;
    endpoint = id;
    raise(receiver.shared.endpoint_connections_peak, ++receiver.connections_of[id]);
  }
};

Task<bool> read_request(Stream& stream, http::ReadBuffer& buffer, http::RequestParser& parser) {
  for (;;) {
    buffer.consume(parser.put(buffer.bytes()));
    if (parser.stage() == http::RequestParser::Stage::complete) co_return true;
    if (parser.stage() == http::RequestParser::Stage::refused) co_return false;
    const auto count = co_await stream.read_some(buffer.room(request_limits.header_bytes_max), Ticks::never());
    if (!count || *count == 0) co_return false;
    buffer.received(*count);
  }
}

void note_arrival(Receiver& receiver, const DeliveryName& name) {
  Receivers::Shared& shared = receiver.shared;
  const std::size_t index = shared.arrivals;
  EPAY_CHECK(index < shared.arrivals_max);
  shared.list[index] = {name, receiver.reactor.clock().now()};
  shared.arrivals = index + 1;
}

Task<void> serve(Receiver& receiver, std::unique_ptr<Stream> stream) {
  Connection connection(receiver);
  http::RequestParser parser(request_limits);
  http::ReadBuffer buffer;
  while (co_await read_request(*stream, buffer, parser)) {
    const http::Request& request = parser.request();
    const auto name = parse_webhook_id(request.headers.get("webhook-id"));
    if (request.path == followed_path) ++receiver.shared.followed;
    if (!name) break;
    connection.belongs_to(name->endpoint);
    if (request.path != healthy_path) {
      const auto kind = parse_misbehaviour(std::string_view(request.path).substr(1));
      if (!kind) break;
      ++receiver.shared.misbehaved;
      if (!co_await misbehave(*kind, *stream, receiver.reactor.clock(), receiver.shared.poured)) break;
    } else {
      note_arrival(receiver, *name);
      if (!co_await stream->write(healthy_answer, Ticks::never())) break;
    }
    parser.reset();
  }
}

Task<void> accept_all(Receiver& receiver, std::unique_ptr<runtime::Listener> listener) {
  for (;;) {
    auto stream = co_await listener->accept();
    if (!stream) co_return;
    receiver.tasks.spawn(serve(receiver, *std::move(stream)));
  }
}

[[noreturn]] void receive(Receivers::Shared& shared, std::uint16_t port, int niceness) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  setpriority(PRIO_PROCESS, 0, niceness);
  Receiver receiver(shared);
  auto listener = receiver.reactor.network().listen({IpAddress::v4(0, 0, 0, 0), port}, std::nullopt);
  if (!listener) {
    print_log_line(LogLevel::error, listener.error().message);
    _exit(1);
  }
  receiver.tasks.spawn(accept_all(receiver, *std::move(listener)));
  ++shared.listening;
  receiver.reactor.run();
  _exit(0);
}

}  // namespace

std::string endpoint_url(std::uint16_t port, int number, std::optional<Misbehaviour> kind) {
  return "http://127.1." + std::to_string(number / endpoints_per_block) + "." +
         std::to_string(1 + number % endpoints_per_block) + ":" + std::to_string(kind ? misbehaving_port(port) : port) +
         (kind ? "/" + std::string(name_of(*kind)) : std::string(healthy_path));
}

Receivers::Receivers(std::uint16_t port, std::size_t arrivals_max)
    : bytes_(sizeof(Shared) + arrivals_max * sizeof(Arrival)) {
  // Pages that are never written take no memory.
  void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("no memory for the arrivals");
  shared_ = new (memory) Shared{};
  shared_->list = reinterpret_cast<Arrival*>(shared_ + 1);
  shared_->arrivals_max = arrivals_max;
  const auto start = [&](std::uint16_t at, int niceness) {
    const pid_t process = fork();
    if (process == 0) receive(*shared_, at, niceness);
    return process;
  };
  processes_ = {start(port, 0), start(misbehaving_port(port), least_urgent)};
  for (int waited = 0; shared_->listening < int(processes_.size()); ++waited) {
    if (waited > start_wait_max_ms || waitpid(-1, nullptr, WNOHANG) != 0)
      throw std::runtime_error("the receivers did not start");
    usleep(1'000);
  }
}

Receivers::~Receivers() {
  for (const pid_t process : processes_) kill(process, SIGKILL);
  for (const pid_t process : processes_) waitpid(process, nullptr, 0);
  munmap(shared_, bytes_);
}

std::size_t Receivers::arrivals() const { return shared_->arrivals; }
const Arrival& Receivers::arrival(std::size_t index) const { return shared_->list[index]; }

ReceiverFigures Receivers::figures() const {
  return {shared_->misbehaved, shared_->poured, shared_->followed, shared_->connections_peak,
          shared_->endpoint_connections_peak};
}

}  // namespace epay::bench
