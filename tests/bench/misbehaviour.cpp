#include "bench/misbehaviour.h"

#include <algorithm>
#include <string>

namespace epay::bench {
namespace {

constexpr std::int64_t flood_bytes = 10'000'000'000;
constexpr std::size_t piece_bytes = 64 * 1024;
constexpr seconds drip_every{1};
constexpr Ticks as_long_as_it_takes = Ticks::never();

Task<void> wait_for_end(Stream& stream) {
  char dropped[1'024];
  for (;;) {
    const auto count = co_await stream.read_some(dropped, as_long_as_it_takes);
    if (!count || *count == 0) co_return;
  }
}

Task<void> drip(Stream& stream, Clock& clock, std::atomic<std::int64_t>& poured) {
  auto written = co_await stream.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", as_long_as_it_takes);
  while (written) {
    co_await clock.sleep(drip_every);
    written = co_await stream.write("x", as_long_as_it_takes);
    if (written) ++poured;
  }
}

Task<void> flood(Stream& stream, std::atomic<std::int64_t>& poured) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(flood_bytes) + "\r\n\r\n";
  const std::string piece(piece_bytes, 'x');
  auto written = co_await stream.write(head, as_long_as_it_takes);
  for (std::int64_t left = flood_bytes; written && left > 0; left -= std::int64_t(piece.size())) {
    written = co_await stream.write(piece, as_long_as_it_takes);
    if (written) poured += std::int64_t(piece.size());
  }
}

Task<void> interim(Stream& stream) {
  std::string piece;
  while (piece.size() < piece_bytes) piece += "HTTP/1.1 102 Processing\r\n\r\n";
  while (co_await stream.write(piece, as_long_as_it_takes)) {
  }
}

}  // namespace

std::string_view name_of(Misbehaviour kind) {
  return std::ranges::find(misbehaviours, kind, &NamedMisbehaviour::kind)->name;
}

std::optional<Misbehaviour> parse_misbehaviour(std::string_view name) {
  const auto found = std::ranges::find(misbehaviours, name, &NamedMisbehaviour::name);
  return found == misbehaviours.end() ? std::nullopt : std::optional(found->kind);
}

Task<bool> misbehave(Misbehaviour kind, Stream& stream, Clock& clock, std::atomic<std::int64_t>& poured) {
  switch (kind) {
    case Misbehaviour::hang: co_await wait_for_end(stream); break;
    case Misbehaviour::drip: co_await drip(stream, clock, poured); break;
    case Misbehaviour::flood: co_await flood(stream, poured); break;
    case Misbehaviour::close:
      co_await stream.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of", as_long_as_it_takes);
      break;
    case Misbehaviour::redirect:
      co_return bool(co_await stream.write(
          "HTTP/1.1 302 Found\r\nLocation: " + std::string(followed_path) + "\r\nContent-Length: 0\r\n\r\n",
          as_long_as_it_takes));
    case Misbehaviour::interim: co_await interim(stream); break;
    case Misbehaviour::chunking:
      co_await stream.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\nxyz\r\n",
                            as_long_as_it_takes);
      co_await wait_for_end(stream);
      break;
  }
  co_return false;
}

}  // namespace epay::bench
