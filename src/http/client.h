// The only HTTP client of the program. Keeps connections alive, bounds every exchange, follows no redirect, and refuses
// addresses that are not on the public internet unless a block is allowed: the check is on the very address connected
// to.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "http/message.h"
#include "http/server.h"
#include "runtime/clock.h"
#include "runtime/network.h"

namespace epay::http {

class OpenAnswer;  // http/open_answer.h

// An http or https URL, split. The host is lower case, without brackets.
struct Url {
  std::string scheme;
  std::string host;
  std::uint16_t port = 0;
  std::string target;  // path and query, "/" at least; the fragment is dropped
  // Errors: invalid, with a message for people (not http/https, credentials inside, no host, control characters, a host
  // written as one number or with octal or hexadecimal parts …).
  static Result<Url> parse(std::string_view text);
  std::string authority() const;  // for the Host header: no port when it is the scheme's own
};

// The addresses a client may connect to: global unicast (v4-mapped, NAT64 and 6to4 unwrapped first, Teredo never), and
// the blocks that the operator allows.
class AddressGuard {
 public:
  explicit AddressGuard(std::vector<Cidr> allowed) : allowed_(std::move(allowed)) {}
  bool permits(const IpAddress& address) const;

 private:
  std::vector<Cidr> allowed_;
};

bool is_global_unicast(const IpAddress& address);

struct ClientLimits {
  std::size_t header_bytes_max = 16 * 1024;
  std::size_t body_bytes_kept = 16 * 1024;  // of the answer; the rest is read and dropped
  std::size_t body_bytes_max = 64 * 1024;   // where reading stops and the connection is closed
  seconds connect_time_max{5};
  seconds idle_time_max{50};            // how long an idle connection is kept
  std::size_t idle_per_host_max = 256;  // many merchants may share a host
  std::size_t idle_max = 2'048;
};

struct Exchange {
  Url url;
  std::string method = "POST";
  Headers headers;  // Host, Content-Length and Connection are the client's
  std::string body;
  microseconds time_max = seconds(15);  // over everything: name, connection, request, whole answer
  // The request must not be sent twice: it goes over a connection of its own, whose end is an error.
  bool once = false;
};

// How long each part took; zero for what did not happen (a kept connection has no dns, connect and tls). `connect` is
// TCP alone, over all addresses that were tried; only when none could be used does it include their TLS handshakes.
// `first_byte` begins when the request is written.
struct Timings {
  microseconds dns{0}, connect{0}, tls{0}, first_byte{0}, total{0};
};

struct Answer {
  int status = 0;
  Headers headers;
  std::string body;       // the first body_bytes_kept bytes
  bool body_cut = false;  // there was more
};

struct ExchangeReport {
  Result<Answer> answer;  // errors: invalid (a header or method that cannot be sent), address_refused,
                          // connection_failed (nothing was sent; also when finding or reaching the peer timed out), and
                          // where the peer may have received the request: timed_out, connection_closed, malformed_reply
  Timings timings;
  bool reused_connection = false;
};

class Client {
 public:
  Client(Clock& clock, Network& network, AddressGuard guard, ClientLimits limits);
  ~Client();

  // Sends and reads the whole exchange. Unless it is to be sent once, a kept connection that turns out dead before any
  // byte of an answer is replaced by a new one once (webhooks are at-least-once, rails' creates carry our reference).
  Task<ExchangeReport> exchange(Exchange exchange);

  // Sends, and reads the answer up to its body, which is then read as it arrives. On a connection of its own, so
  // nothing is sent twice. `time_max` bounds name, connection, request and the answer's head. Errors: as an exchange's.
  Task<Result<std::unique_ptr<OpenAnswer>>> open(Exchange exchange);

  // Whether this URL may be used at all, now: for checking a URL when it is saved.
  Task<Result<>> check_destination(Url url);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace epay::http
