// The one door to other machines: names, listening sockets and byte streams, plain or TLS. Reactor thread only.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/timestamp.h"
#include "runtime/task.h"

namespace epay::runtime {

// An IPv4 or IPv6 address. IPv4 is kept in its v4-mapped form (::ffff:a.b.c.d) with is_v4 set.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  bool is_v4 = false;

  static IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d);
  static IpAddress loopback() { return v4(127, 0, 0, 1); }
  // Strict: dotted quad with four decimal parts, or RFC 4291 text without a zone.
  static std::optional<IpAddress> parse(std::string_view text);
  std::string to_string() const;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

struct SocketAddress {
  IpAddress ip;
  std::uint16_t port = 0;
  std::string to_string() const;  // "127.0.0.1:80", "[::1]:80"
  friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;
};

// A connection. At most one read and one write are under way at a time. Closing makes them end with connection_closed.
// Must outlive its operations: the coroutine that awaits them owns it.
class Stream {
 public:
  virtual ~Stream() = default;

  // At least one byte, or 0 at the peer's orderly end. Errors: timed_out (nothing is lost: the stream can still be read
  // and written, which is how a server says that it waited long enough), connection_closed.
  virtual Task<Result<std::size_t>> read_some(std::span<char> into, Ticks deadline) = 0;
  // All of it. Errors: timed_out (then the stream is closed, since nobody knows how much went out), connection_closed.
  virtual Task<Result<>> write(std::string_view bytes, Ticks deadline) = 0;
  // Ends it in both directions; operations under way return. Idempotent.
  virtual void close() = 0;
  // Of an idle connection: nothing to read and not ended by the peer, so another request may be sent on it.
  virtual bool is_reusable() = 0;
  virtual SocketAddress peer() const = 0;
  // How long its TLS handshake took; zero before it is done, and without TLS.
  virtual microseconds handshake_took() const { return {}; }
};

class Listener {
 public:
  virtual ~Listener() = default;
  // Waits for the next connection (its TLS handshake, where there is one, happens at its first read or write).
  // Error: connection_closed after close(). Running out of descriptors is waited out inside, not reported.
  virtual Task<Result<std::unique_ptr<Stream>>> accept() = 0;
  virtual void close() = 0;
  virtual SocketAddress local() const = 0;
};

// Paths of PEM files.
struct TlsFiles {
  std::string certificate_chain;
  std::string private_key;
};

class Network {
 public:
  virtual ~Network() = default;

  // All addresses of a host name. Errors: connection_failed, timed_out.
  virtual Task<Result<std::vector<IpAddress>>> resolve(std::string host, Ticks deadline) = 0;
  // A connection to exactly this address. With `tls_server_name` a TLS one: the certificate must be valid for that
  // name. Errors: connection_failed (nothing was sent), timed_out.
  virtual Task<Result<std::unique_ptr<Stream>>> connect(SocketAddress to, std::optional<std::string> tls_server_name,
                                                        Ticks deadline) = 0;
  // Port 0 takes a free one. Errors: unavailable (in use, not ours, unreadable certificate), with the reason.
  virtual Result<std::unique_ptr<Listener>> listen(SocketAddress at, std::optional<TlsFiles> tls) = 0;
};

}  // namespace epay::runtime

namespace epay {
using runtime::IpAddress;
using runtime::Network;
using runtime::SocketAddress;
using runtime::Stream;
}  // namespace epay
