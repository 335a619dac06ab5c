#include "http/client.h"

#include "http/answer_reader.h"
#include "http/connection_pool.h"
#include "http/open_answer.h"
#include "http/response_writer.h"

namespace epay::http {
namespace {

constexpr std::size_t addresses_tried_max = 4;

bool is_clients_own(std::string_view name) {
  for (const std::string_view own : {"Host", "Content-Length", "Connection", "Transfer-Encoding", "Expect"}) {
    if (equal_ignoring_case(own, name)) return true;
  }
  return false;
}

// The request in one text, to be written at once.
Result<std::string> to_wire(const Exchange& exchange) {
  std::string out;
  out.reserve(256 + exchange.url.target.size() + 64 * exchange.headers.size() + exchange.body.size());
  if (!is_header_name(exchange.method)) return fail(ErrorCode::invalid, "The method is malformed.");
  out.append(exchange.method)
      .append(" ")
      .append(exchange.url.target)
      .append(" HTTP/1.1\r\nHost: ")
      .append(exchange.url.authority());
  for (const auto& [name, value] : exchange.headers) {
    if (is_clients_own(name)) continue;
    if (!is_header_name(name) || !is_header_value(value))
      return fail(ErrorCode::invalid, "The header " + name + " is malformed.");
    out.append("\r\n").append(name).append(": ").append(value);
  }
  const bool expects_body = exchange.method != "GET" && exchange.method != "HEAD" && exchange.method != "DELETE";
  if (expects_body || !exchange.body.empty())
    out.append("\r\nContent-Length: ").append(std::to_string(exchange.body.size()));
  out.append("\r\n\r\n").append(exchange.body);
  return out;
}

std::string destination_of(const Url& url) { return url.scheme + "://" + url.host + ":" + std::to_string(url.port); }

}  // namespace

struct Client::State {
  State(Clock& c, Network& n, AddressGuard g, ClientLimits l)
      : clock(c),
        network(n),
        guard(std::move(g)),
        limits(l),
        pool({l.idle_per_host_max, l.idle_max, l.idle_time_max}) {}

  Clock& clock;
  Network& network;
  AddressGuard guard;
  ClientLimits limits;
  ConnectionPool pool;

  // How an exchange on one connection went.
  struct Attempt {
    Result<Answer> answer;
    bool answer_began = false;
    bool keep_alive = false;
  };

  Task<Result<std::vector<IpAddress>>> permitted_addresses(const std::string& host, Ticks due);
  Task<Result<std::unique_ptr<Stream>>> connect(const Url& url, Ticks due, Timings& timings);
  Task<Attempt> send(Stream& stream, std::string_view request, bool to_head, Ticks due, Timings& timings);
  Task<void> receive(Stream& stream, Attempt& attempt, bool to_head, Ticks due, Timings& timings);
};

Client::Client(Clock& clock, Network& network, AddressGuard guard, ClientLimits limits)
    : state_(std::make_unique<State>(clock, network, std::move(guard), limits)) {}
Client::~Client() = default;

// One address that is not permitted refuses the name: which of a name's addresses is used must not be its owner's to
// time.
Task<Result<std::vector<IpAddress>>> Client::State::permitted_addresses(const std::string& host, Ticks due) {
  std::vector<IpAddress> addresses;
  if (const auto literal = IpAddress::parse(host)) {
    addresses.push_back(*literal);
  } else {
    auto resolved = co_await network.resolve(host, due);
    // Nothing was sent, whatever kept the name from being found.
    if (!resolved) co_return fail(ErrorCode::connection_failed, resolved.error().message);
    for (const IpAddress& address : *resolved) {
      if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
    }
  }
  if (addresses.empty()) co_return fail(ErrorCode::connection_failed, "The name " + host + " has no address.");
  for (const IpAddress& address : addresses) {
    if (guard.permits(address)) continue;
    const std::string text = address.to_string();
    co_return fail(ErrorCode::address_refused,
                   (text == host ? "The address " + host : host + " has the address " + text + ", which") +
                       " is not on the public internet. Use a URL that can be reached from anywhere.");
  }
  co_return addresses;
}

Task<Result<std::unique_ptr<Stream>>> Client::State::connect(const Url& url, Ticks due, Timings& timings) {
  const Ticks began = clock.ticks();
  due = std::min(due, began + limits.connect_time_max);
  auto addresses = co_await permitted_addresses(url.host, due);
  const Ticks resolved = clock.ticks();
  timings.dns = resolved - began;
  if (!addresses) co_return std::unexpected(addresses.error());
  if (addresses->size() > addresses_tried_max) addresses->resize(addresses_tried_max);
  const auto tls_server_name = url.scheme == "https" ? std::optional(url.host) : std::nullopt;
  Result<std::unique_ptr<Stream>> stream = fail(ErrorCode::connection_failed, "Timed out before connecting.");
  for (std::size_t i = 0; i < addresses->size(); ++i) {
    // Each gets its share of the time left, so that a silent one does not use up the others'.
    const microseconds left = due - clock.ticks();
    if (left.count() <= 0) break;
    const Ticks share_due = clock.ticks() + left / static_cast<std::int64_t>(addresses->size() - i);
    stream = co_await network.connect({(*addresses)[i], url.port}, tls_server_name, share_due);
    if (stream) break;
    stream.error().code = ErrorCode::connection_failed;  // also when it timed out: nothing was sent
  }
  if (stream) timings.tls = (*stream)->handshake_took();
  timings.connect = clock.ticks() - resolved - timings.tls;
  co_return stream;
}

Task<Client::State::Attempt> Client::State::send(Stream& stream, std::string_view request, bool to_head, Ticks due,
                                                 Timings& timings) {
  Attempt attempt{fail(ErrorCode::connection_closed, "The connection ended before the answer."), false, false};
  const auto written = co_await stream.write(request, due);
  if (!written && written.error().code == ErrorCode::timed_out) {
    attempt.answer = std::unexpected(written.error());
    co_return attempt;
  }
  // A peer that stops reading may have answered first, so a broken write is no reason not to look.
  co_await receive(stream, attempt, to_head, due, timings);
  if (!written) attempt.keep_alive = false;
  co_return attempt;
}

Task<void> Client::State::receive(Stream& stream, Attempt& attempt, bool to_head, Ticks due, Timings& timings) {
  const Ticks sent = clock.ticks();
  AnswerReader reader(limits, to_head, ResponseParser::Body::kept);
  while (!reader.parser().complete()) {
    const auto count = co_await stream.read_some(reader.room(), due);
    if (!count) {
      attempt.answer = std::unexpected(count.error());
      co_return;
    }
    if (*count > 0 && !std::exchange(attempt.answer_began, true)) timings.first_byte = clock.ticks() - sent;
    reader.received(*count);
    if (reader.failure()) {
      attempt.answer = std::unexpected(*reader.failure());
      co_return;
    }
  }
  attempt.keep_alive = reader.parser().keep_alive() && reader.nothing_left();
  attempt.answer = reader.parser().take();
}

Task<ExchangeReport> Client::exchange(Exchange exchange) {
  State& state = *state_;
  const Ticks began = state.clock.ticks();
  const Ticks due = began + exchange.time_max;
  const std::string destination = destination_of(exchange.url);
  const bool to_head = exchange.method == "HEAD";
  ExchangeReport report{fail(ErrorCode::timed_out, "Timed out."), {}, false};
  const auto request = to_wire(exchange);
  if (!request) {
    report.answer = std::unexpected(request.error());
    co_return report;
  }
  std::unique_ptr<Stream> stream = exchange.once ? nullptr : state.pool.take(destination, began);
  report.reused_connection = stream != nullptr;
  for (;;) {
    if (!stream) {
      auto connected = co_await state.connect(exchange.url, due, report.timings);
      if (!connected) {
        report.answer = std::unexpected(connected.error());
        break;
      }
      stream = std::move(*connected);
    }
    auto attempt = co_await state.send(*stream, *request, to_head, due, report.timings);
    const bool was_stale = report.reused_connection && !attempt.answer && !attempt.answer_began &&
                           attempt.answer.error().code == ErrorCode::connection_closed;
    if (attempt.keep_alive) {
      state.pool.keep(destination, std::move(stream), state.clock.ticks());
    } else {
      stream.reset();
    }
    report.answer = std::move(attempt.answer);
    if (!was_stale) break;
    report.reused_connection = false;
  }
  report.timings.total = state.clock.ticks() - began;
  co_return report;
}

Task<Result<std::unique_ptr<OpenAnswer>>> Client::open(Exchange exchange) {
  State& state = *state_;
  const Ticks due = state.clock.ticks() + exchange.time_max;
  const auto request = to_wire(exchange);
  if (!request) co_return std::unexpected(request.error());
  Timings timings;
  auto stream = co_await state.connect(exchange.url, due, timings);
  if (!stream) co_return std::unexpected(stream.error());
  const auto written = co_await (*stream)->write(*request, due);
  if (!written && written.error().code == ErrorCode::timed_out) co_return std::unexpected(written.error());
  // As in an exchange, a peer that stops reading may have answered first.
  auto reader =
      std::make_unique<AnswerReader>(state.limits, exchange.method == "HEAD", ResponseParser::Body::in_pieces);
  while (!reader->parser().head_complete()) {
    const auto count = co_await (*stream)->read_some(reader->room(), due);
    if (!count) co_return std::unexpected(count.error());
    reader->received(*count);
    if (reader->failure() && !reader->parser().head_complete()) co_return std::unexpected(*reader->failure());
  }
  co_return std::make_unique<OpenAnswer>(std::move(*stream), std::move(reader));
}

Task<Result<>> Client::check_destination(Url url) {
  const auto addresses =
      co_await state_->permitted_addresses(url.host, state_->clock.ticks() + state_->limits.connect_time_max);
  if (!addresses) co_return std::unexpected(addresses.error());
  co_return Result<>();
}

}  // namespace epay::http
