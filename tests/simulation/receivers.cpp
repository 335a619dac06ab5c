#include "simulation/receivers.h"

#include "base/check.h"

namespace epay::simulation {
namespace {

constexpr std::uint16_t port = 8443;
constexpr minutes idle_max{5};
constexpr seconds write_time_max{30};
// An answer this fast is in time whatever the network adds to it.
constexpr seconds in_time{8};

}  // namespace

Receivers::Receivers(SimClock& clock, SimNetwork& network, SimRandom& random, Trace& trace, Auditor& auditor,
                     std::size_t count)
    : clock_(clock), network_(network), random_(random), trace_(trace), auditor_(auditor), moods_(count, Mood::good) {}

SocketAddress Receivers::address_of(std::size_t merchant) {
  return {IpAddress::v4(10, 1, 0, static_cast<std::uint8_t>(merchant + 1)), port};
}

std::string Receivers::url_of(std::size_t merchant) {
  return "http://" + address_of(merchant).to_string() + "/epay/hook";
}

void Receivers::start(TaskGroup& tasks) {
  for (std::size_t merchant = 0; merchant < moods_.size(); ++merchant) {
    auto listener = network_.listen(address_of(merchant), {});
    EPAY_CHECK(listener.has_value());
    tasks.spawn(accept(tasks, merchant, *std::move(listener)));
  }
}

Task<void> Receivers::accept(TaskGroup& tasks, std::size_t merchant, std::unique_ptr<runtime::Listener> listener) {
  for (;;) {
    auto stream = co_await listener->accept();
    if (!stream) co_return;
    tasks.spawn(serve(merchant, *std::move(stream)));
  }
}

Task<void> Receivers::serve(std::size_t merchant, std::unique_ptr<Stream> stream) {
  http::RequestParser parser({16 * 1024, 64 * 1024});
  http::ReadBuffer buffer;
  std::optional<Answered> answered;
  while (co_await read(*stream, parser, buffer, answered)) {
    answered = co_await answer(merchant, *stream, parser.request());
    if (!answered) break;
    parser.reset();
  }
  stream->close();
}

// True when a whole request is there. The first byte after an answer, or an orderly end, says that the answer arrived;
// a broken connection says nothing.
Task<bool> Receivers::read(Stream& stream, http::RequestParser& parser, http::ReadBuffer& buffer,
                           std::optional<Answered>& answered) {
  while (parser.stage() != http::RequestParser::Stage::complete) {
    const auto count = co_await stream.read_some(buffer.room(64 * 1024), clock_.ticks() + idle_max);
    if (!count) co_return false;
    if (answered && !answered->message_id.empty()) auditor_.delivered(answered->message_id, answered->at);
    answered.reset();
    if (*count == 0) co_return false;
    buffer.received(*count);
    buffer.consume(parser.put(buffer.bytes()));
    EPAY_CHECK(parser.stage() != http::RequestParser::Stage::refused);
  }
  co_return true;
}

// Nothing when the connection is over.
Task<std::optional<Receivers::Answered>> Receivers::answer(std::size_t merchant, Stream& stream,
                                                           const http::Request& request) {
  const Mood mood = moods_[merchant];
  const Message message{merchant, std::string(request.headers.get("webhook-id")),
                        std::string(request.headers.get("webhook-timestamp")),
                        std::string(request.headers.get("webhook-signature")), request.body};
  auditor_.received(message);
  trace_.add("receiver " + std::to_string(merchant) + " <- " + message.id + " mood " +
             std::to_string(static_cast<int>(mood)) + " " + message.body);
  const Ticks began = clock_.ticks();
  std::string head = "HTTP/1.1 204 No Content\r\n\r\n";
  bool good = true;
  switch (mood) {
    case Mood::good:
      if (random_.once_in(3)) head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
      break;
    case Mood::slow: co_await clock_.sleep(microseconds(random_.below(25'000'000))); break;
    case Mood::failing:
      good = random_.once_in(5);
      if (!good) {
        constexpr const char* statuses[] = {"500 No", "503 Busy", "404 Where", "301 Moved", "429 Slowly"};
        head =
            "HTTP/1.1 " + std::string(statuses[random_.below(std::size(statuses))]) + "\r\nContent-Length: 0\r\n\r\n";
      }
      break;
    case Mood::hanging: co_await clock_.sleep(minutes(2)); co_return std::nullopt;
    case Mood::closing:
      if (random_.once_in(2)) (void)co_await stream.write(head.substr(0, random_.below(head.size())), Ticks::never());
      co_return std::nullopt;
  }
  const Ticks answered_at = clock_.ticks();
  const auto written = co_await stream.write(head, answered_at + write_time_max);
  if (!written) co_return std::nullopt;
  const bool counts = good && answered_at < began + in_time;
  co_return Answered{counts ? message.id : "", answered_at};
}

}  // namespace epay::simulation
