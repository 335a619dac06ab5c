#include "http/server.h"

#include "base/check.h"
#include "http/error_response.h"
#include "http/forwarded.h"
#include "http/framed_body_writer.h"
#include "http/read_buffer.h"
#include "http/request_parser.h"
#include "http/response_writer.h"

namespace epay::http {
namespace {

// A sender that is refused may still be sending. Closing at once would make the system throw our answer away, so what
// comes is read and dropped for a while.
constexpr seconds drain_time_max{2};
constexpr std::size_t drain_bytes_max = 16 * 1024 * 1024;
// Body bytes are read in pieces of this size, larger than what an idle connection holds.
constexpr std::size_t body_piece_bytes = 16 * 1024;
// Connections that were given up on end within this; what is left after it waits for something else than its peer.
constexpr milliseconds ending_time_max{100};

constexpr std::size_t request_id_length_max = 64;
constexpr std::size_t request_id_length = 16;

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= request_id_length_max && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
           c == '-';
  });
}

}  // namespace

struct Server::State {
  struct Connection;
  using Connections = std::list<Connection*>;

  State(Clock& c, Random& r, Log& l, const Router& router_to_ask, ServerOptions given)
      : clock(c),
        random(r),
        log(l),
        router(router_to_ask),
        options(std::move(given)),
        group(c, l, "http_connections") {}

  Clock& clock;
  Random& random;
  Log& log;
  const Router& router;
  ServerOptions options;
  std::function<void(const Request&, int, microseconds)> observer;
  HttpDate date;
  std::list<runtime::Listener*> listeners;
  Connections idle;  // between requests; the longest idle first
  Connections busy;
  bool stopping = false;
  TaskGroup group;  // last, because its tasks use the rest

  bool make_room();
  Task<void> serve_connection(std::unique_ptr<Stream> stream);
  Task<void> serve_requests(Connection& connection);
  Task<bool> read_request(Connection& connection, Ticks first_byte_due);
  Task<bool> answer(Connection& connection, Ticks began);
  Task<bool> write(Connection& connection, Response& response, bool close);
  Task<bool> stream_body(Connection& connection, const Response& response, BodyFraming framing);
  Task<void> refuse(Connection& connection, int status, std::string message);
  Task<void> drain(Connection& connection);
  void name_request(Request& request);
};

// One client's connection. It stands in one of the server's two lists.
struct Server::State::Connection {
  Connection(State& server, std::unique_ptr<Stream> accepted)
      : state(server),
        stream(std::move(accepted)),
        parser({server.options.limits.header_bytes_max, server.options.limits.body_bytes_max}),
        position(server.idle.insert(server.idle.end(), this)) {}
  ~Connection() { (is_idle ? state.idle : state.busy).erase(position); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void set_idle(bool now_idle) {
    if (now_idle == is_idle) return;
    Connections& from = is_idle ? state.idle : state.busy;
    Connections& to = now_idle ? state.idle : state.busy;
    to.splice(to.end(), from, position);
    is_idle = now_idle;
  }

  State& state;
  std::unique_ptr<Stream> stream;
  RequestParser parser;
  ReadBuffer buffer;
  Connections::iterator position;
  bool is_idle = true;
};

Server::Server(Clock& clock, Random& random, Log& log, const Router& router, ServerOptions options)
    : state_(std::make_unique<State>(clock, random, log, router, std::move(options))) {}
Server::~Server() = default;

std::size_t Server::connections() const { return state_->idle.size() + state_->busy.size(); }

void Server::set_observer(std::function<void(const Request&, int, microseconds)> observer) {
  state_->observer = std::move(observer);
}

Task<void> Server::serve(std::unique_ptr<runtime::Listener> listener) {
  const auto position = state_->listeners.insert(state_->listeners.end(), listener.get());
  while (!state_->stopping) {
    auto accepted = co_await listener->accept();
    if (!accepted) break;
    if (state_->stopping) break;
    if (connections() >= state_->options.limits.connections_max && !state_->make_room()) continue;
    state_->group.spawn(state_->serve_connection(std::move(*accepted)));
  }
  state_->listeners.erase(position);
}

Task<void> Server::stop(Ticks due) {
  state_->stopping = true;
  for (runtime::Listener* listener : state_->listeners) listener->close();
  for (const auto* connection : state_->idle) connection->stream->close();
  co_await state_->group.wait_empty(due);
  for (const auto* connection : state_->idle) connection->stream->close();
  for (const auto* connection : state_->busy) connection->stream->close();
  const Ticks ended = state_->clock.ticks() + ending_time_max;
  co_await state_->group.wait_empty(ended);
  // The tasks of serve() are their callers', and still use this server until they have noticed.
  while (!state_->listeners.empty() && state_->clock.ticks() < ended) co_await state_->clock.sleep(milliseconds(1));
}

// The longest idle connection goes, so that many that do nothing cannot keep out one that wants something.
bool Server::State::make_room() {
  // Those closed here take a moment to end; were they never to, this is where it stops.
  static constexpr std::size_t ending_max = 256;
  if (idle.empty() || idle.size() + busy.size() >= options.limits.connections_max + ending_max) return false;
  Connection& oldest = *idle.front();
  oldest.set_idle(false);
  oldest.stream->close();
  return true;
}

Task<void> Server::State::serve_connection(std::unique_ptr<Stream> stream) {
  Connection connection(*this, std::move(stream));
  co_await serve_requests(connection);
  connection.stream->close();
}

Task<void> Server::State::serve_requests(Connection& connection) {
  Ticks first_byte_due = clock.ticks() + options.limits.header_time_max;
  for (;;) {
    connection.parser.reset();
    connection.buffer.shrink();
    connection.set_idle(true);
    if (stopping && connection.buffer.empty()) co_return;
    if (!co_await read_request(connection, first_byte_due)) co_return;
    if (!co_await answer(connection, clock.ticks())) co_return;
    first_byte_due = clock.ticks() + options.limits.idle_time_max;
  }
}

// True when a whole request is there. Otherwise the connection is at its end, and the client was told why.
Task<bool> Server::State::read_request(Connection& connection, Ticks first_byte_due) {
  using Stage = RequestParser::Stage;
  RequestParser& parser = connection.parser;
  const ServerLimits& limits = options.limits;
  Ticks due = first_byte_due;
  Stage stage = Stage::header;
  for (;;) {
    if (!connection.buffer.empty()) {
      connection.buffer.consume(parser.put(connection.buffer.bytes()));
      if (parser.started() && connection.is_idle) {
        connection.set_idle(false);
        due = std::min(due, clock.ticks() + limits.header_time_max);
      }
    }
    if (parser.stage() == Stage::complete) co_return true;
    if (parser.stage() == Stage::refused) {
      co_await refuse(connection, parser.refused_status(), parser.refusal());
      co_return false;
    }
    if (parser.stage() == Stage::body && stage == Stage::header) {
      stage = Stage::body;
      due = clock.ticks() + limits.body_time_max;
      if (parser.expects_continue() && parser.request().body.empty() && connection.buffer.empty()) {
        if (!co_await connection.stream->write("HTTP/1.1 100 Continue\r\n\r\n", due)) co_return false;
      }
    }
    const std::size_t piece_max =
        stage == Stage::body ? std::max(body_piece_bytes, limits.header_bytes_max) : limits.header_bytes_max;
    const std::span<char> room = connection.buffer.room(piece_max);
    if (room.empty()) {
      // The parser tells a header that is too large; this is a chunk's line or a trailer.
      co_await refuse(connection, 400, "The request's chunks are malformed.");
      co_return false;
    }
    const auto count = co_await connection.stream->read_some(room, due);
    if (count && *count > 0) {
      connection.buffer.received(*count);
      continue;
    }
    if (!count && count.error().code == ErrorCode::timed_out && parser.started()) {
      co_await refuse(connection, 408, "The request took too long to arrive.");
    }
    co_return false;
  }
}

void Server::State::name_request(Request& request) {
  const std::string_view given = request.headers.get("X-Request-Id");
  request.id = is_request_id(given) ? std::string(given) : random.text(request_id_length, Random::hex_digits);
}

// False when the connection is to be closed.
Task<bool> Server::State::answer(Connection& connection, Ticks began) {
  Request& request = connection.parser.request();
  name_request(request);
  identify_client(request, connection.stream->peer().ip, options);
  Response response;
  try {
    response = co_await router.answer(request);
  } catch (const std::exception& error) {
    log.error(
        "request_failed",
        {{"request_id", request.id}, {"method", request.method}, {"route", request.route}, {"error", error.what()}});
    response = error_response(500, "Something went wrong on our side. Please try again.");
  }
  const bool close = stopping || !connection.parser.keep_alive() ||
                     (response.stream && connection.parser.is_http_1_0()) ||
                     equal_ignoring_case(response.headers.get("Connection"), "close");
  const bool written = co_await write(connection, response, close);
  if (observer) observer(request, response.status, clock.ticks() - began);
  co_return written && !close;
}

// False when the client did not get all of it. A response that cannot be sent becomes a 500.
Task<bool> Server::State::write(Connection& connection, Response& response, bool close) {
  const Request& request = connection.parser.request();
  ResponseFrame frame{date.at(clock.now()), request.id, close, request.method == "HEAD"};
  if (response.stream) {
    EPAY_CHECK(response.body.empty());
    frame.framing = connection.parser.is_http_1_0() ? BodyFraming::until_close : BodyFraming::chunks;
  }
  auto text = to_wire(response, frame);
  if (!text) {
    log.error("response_malformed", {{"request_id", request.id}, {"route", request.route}});
    response = error_response(500, "Something went wrong on our side. Please try again.");
    frame.framing = BodyFraming::length;
    text = to_wire(response, frame);
  }
  const auto written = co_await connection.stream->write(*text, clock.ticks() + options.limits.write_time_max);
  if (!written) co_return false;
  if (!response.stream || frame.to_head || !status_has_body(response.status)) co_return true;
  co_return co_await stream_body(connection, response, frame.framing);
}

Task<bool> Server::State::stream_body(Connection& connection, const Response& response, BodyFraming framing) {
  FramedBodyWriter writer(clock, *connection.stream, {framing, options.limits.write_time_max});
  try {
    co_await response.stream(writer);
  } catch (const std::exception& error) {
    const Request& request = connection.parser.request();
    log.error("response_stream_failed",
              {{"request_id", request.id}, {"route", request.route}, {"error", error.what()}});
    co_return false;
  }
  co_return (co_await writer.finish()).has_value();
}

Task<void> Server::State::refuse(Connection& connection, int status, std::string message) {
  Request& request = connection.parser.request();
  name_request(request);
  const Ticks began = clock.ticks();
  Response response = error_response(status, message);
  const bool written = co_await write(connection, response, true);
  if (observer) observer(request, status, clock.ticks() - began);
  if (written) co_await drain(connection);
}

Task<void> Server::State::drain(Connection& connection) {
  const Ticks due = clock.ticks() + drain_time_max;
  connection.buffer.consume(connection.buffer.bytes().size());
  for (std::size_t dropped = 0; dropped < drain_bytes_max && !stopping;) {
    const auto count = co_await connection.stream->read_some(connection.buffer.room(body_piece_bytes), due);
    if (!count || *count == 0) co_return;
    dropped += *count;
  }
}

}  // namespace epay::http
