#include "emulators/fault_stream.h"

#include <charconv>

namespace epay::emulators {
namespace {

constexpr std::string_view mark = "X-Emulator-Wire";
constexpr seconds write_time_max{30};
constexpr std::string_view garbage = "\x16\x03\x01\x02 this is no HTTP at all\r\n\r\n\xff\xfe";

// The mark's three numbers, taken out of the answer's head.
std::optional<WireFault> take_mark(std::string& text) {
  const std::string field = "\r\n" + std::string(mark) + ": ";
  const std::size_t head_end = text.find("\r\n\r\n");
  const std::size_t begin = text.find(field);
  if (begin == std::string::npos || begin > head_end) return std::nullopt;
  const std::size_t end = text.find("\r\n", begin + 2);
  std::string_view value = std::string_view(text).substr(begin + field.size(), end - begin - field.size());
  std::int64_t numbers[3] = {};
  for (std::int64_t& number : numbers) {
    const auto [rest, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    value.remove_prefix(static_cast<std::size_t>(rest - value.data()));
    if (value.starts_with(' ')) value.remove_prefix(1);
  }
  text.erase(begin, end - begin);
  return WireFault{static_cast<WireFault::Kind>(numbers[0]), static_cast<std::size_t>(numbers[1]),
                   microseconds(numbers[2])};
}

class FaultStream final : public Stream {
 public:
  FaultStream(Clock& clock, std::unique_ptr<Stream> inner) : clock_(clock), inner_(std::move(inner)) {}

  Task<Result<std::size_t>> read_some(std::span<char> into, Ticks deadline) override {
    return inner_->read_some(into, deadline);
  }
  Task<Result<>> write(std::string_view bytes, Ticks deadline) override {
    if (!bytes.starts_with("HTTP/1.1 ")) co_return co_await inner_->write(bytes, deadline);
    std::string text(bytes);
    const auto fault = take_mark(text);
    if (!fault) co_return co_await inner_->write(text, deadline);
    co_return co_await write_badly(std::move(text), *fault);
  }
  void close() override { inner_->close(); }
  bool is_reusable() override { return inner_->is_reusable(); }
  SocketAddress peer() const override { return inner_->peer(); }
  microseconds handshake_took() const override { return inner_->handshake_took(); }

 private:
  Task<Result<>> put(std::string_view bytes) { return inner_->write(bytes, clock_.ticks() + write_time_max); }

  Task<Result<>> write_badly(std::string text, WireFault fault) {
    using Kind = WireFault::Kind;
    Result<> written;
    switch (fault.kind) {
      case Kind::close: break;
      case Kind::hang: co_await clock_.sleep(fault.delay); break;
      case Kind::cut_head: written = co_await put(std::string_view(text).substr(0, text.find("\r\n\r\n") / 2)); break;
      case Kind::truncate:
        written = co_await put(std::string_view(text).substr(0, text.find("\r\n\r\n") + 4 + fault.bytes));
        break;
      case Kind::garbage: written = co_await put(garbage); break;
      case Kind::drip: co_return co_await drip(std::move(text), fault);
      case Kind::slow_head: co_return co_await halt_in_head(std::move(text), fault);
      case Kind::close_after: written = co_await put(text); break;
    }
    inner_->close();
    if (!written) co_return written;
    co_return fail(ErrorCode::connection_closed, "The connection was closed on purpose.");
  }

  Task<Result<>> drip(std::string text, WireFault fault) {
    const std::size_t piece = std::max<std::size_t>(fault.bytes, 1);
    for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
      const auto written = co_await put(rest.substr(0, piece));
      if (!written) co_return written;
      co_await clock_.sleep(fault.delay);
    }
    co_return Result<>();
  }

  Task<Result<>> halt_in_head(std::string text, WireFault fault) {
    const std::size_t half = text.find("\r\n\r\n") / 2;
    const auto written = co_await put(std::string_view(text).substr(0, half));
    if (!written) co_return written;
    co_await clock_.sleep(fault.delay);
    co_return co_await put(std::string_view(text).substr(half));
  }

  Clock& clock_;
  std::unique_ptr<Stream> inner_;
};

class FaultListener final : public runtime::Listener {
 public:
  FaultListener(Clock& clock, std::unique_ptr<runtime::Listener> inner) : clock_(clock), inner_(std::move(inner)) {}

  Task<Result<std::unique_ptr<Stream>>> accept() override {
    auto stream = co_await inner_->accept();
    if (!stream) co_return std::unexpected(stream.error());
    co_return std::make_unique<FaultStream>(clock_, *std::move(stream));
  }
  void close() override { inner_->close(); }
  SocketAddress local() const override { return inner_->local(); }

 private:
  Clock& clock_;
  std::unique_ptr<runtime::Listener> inner_;
};

}  // namespace

void set_wire_fault(http::Response& response, const WireFault& fault) {
  response.headers.add(std::string(mark), std::to_string(static_cast<int>(fault.kind)) + " " +
                                              std::to_string(fault.bytes) + " " + std::to_string(fault.delay.count()));
}

bool is_withheld(const http::Response& response) {
  using Kind = WireFault::Kind;
  const std::string_view value = response.headers.get(mark);
  const auto begins_with = [&](Kind kind) { return value.starts_with(std::to_string(static_cast<int>(kind)) + " "); };
  return begins_with(Kind::close) || begins_with(Kind::hang) || begins_with(Kind::garbage) ||
         begins_with(Kind::cut_head);
}

std::unique_ptr<runtime::Listener> with_faults(Clock& clock, std::unique_ptr<runtime::Listener> listener) {
  return std::make_unique<FaultListener>(clock, std::move(listener));
}

}  // namespace epay::emulators
