// Serves HTTP/1.1 on a listener: bounded requests in, whole or streamed responses out, keep-alive.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "http/message.h"
#include "http/router.h"
#include "runtime/clock.h"
#include "runtime/network.h"
#include "runtime/random.h"
#include "runtime/task_group.h"

namespace epay::http {

// An address block: 10.0.0.0/8, ::1/128.
struct Cidr {
  IpAddress network;
  int prefix_bits = 128;                                    // counted in the 128-bit (v4-mapped) form
  static std::optional<Cidr> parse(std::string_view text);  // a bare address is a block of one
  bool contains(const IpAddress& address) const;
};

struct ServerLimits {
  std::size_t header_bytes_max = 16 * 1024;
  std::size_t body_bytes_max = 1024 * 1024;
  std::size_t connections_max = 20'000;  // beyond it the longest idle connection makes room, or the new one is closed
  seconds header_time_max{10};           // from a request's first byte (a connection's: from accept) to its last header
  seconds body_time_max{30};             // from its last header to its last byte
  seconds idle_time_max{75};             // between requests
  seconds write_time_max{30};            // for one response, or one piece of a streamed one
};

struct ServerOptions {
  ServerLimits limits;
  std::vector<Cidr> trusted_proxies;  // whose X-Forwarded-For/-Proto/-Host are believed
  std::string public_url;             // "https://pay.example.com"; empty: from the request's Host
  bool tls = false;                   // whether the listener speaks TLS (for Request::origin)
};

class Server {
 public:
  Server(Clock& clock, Random& random, Log& log, const Router& router, ServerOptions options);
  ~Server();

  // Accepts until stop(); runs as long as the returned task.
  Task<void> serve(std::unique_ptr<runtime::Listener> listener);
  // Stops accepting, lets every request that has begun be answered (with Connection: close), closes the idle
  // connections, and gives up on the rest at `due`. A response that is still streamed is such a rest: who streams
  // without end ends it before.
  Task<void> stop(Ticks due);

  std::size_t connections() const;
  // Called after each response: method, the status, and how long it took (with its stream, where it has one). For
  // metrics.
  void set_observer(std::function<void(const Request&, int status, microseconds took)> observer);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace epay::http
