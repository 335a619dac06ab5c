// A network in memory and virtual time: names, listeners, connections with latency, and faults on demand.
// Deterministic: chance comes from the Random given, and nothing iterates over unordered containers.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/network.h"
#include "runtime/random.h"
#include "simulation/sim_clock.h"

namespace epay::simulation {

class SimNetwork final : public Network {
 public:
  // Bytes that may be under way or unread in one direction before a writer waits.
  static constexpr std::size_t window_bytes = 256 * 1024;

  SimNetwork(Clock& clock, Random& random);
  // The same network as one process among several sees it, whose coroutines wait on a clock of their own.
  SimNetwork(const SimNetwork& whole, Clock& clock);
  ~SimNetwork() override;

  Task<Result<std::vector<IpAddress>>> resolve(std::string host, Ticks deadline) override;
  // TLS is only pretended: both ends must agree on it, any name is valid, and its handshake takes one round trip.
  Task<Result<std::unique_ptr<Stream>>> connect(SocketAddress to, std::optional<std::string> tls_server_name,
                                                Ticks deadline) override;
  Result<std::unique_ptr<runtime::Listener>> listen(SocketAddress at, std::optional<runtime::TlsFiles> tls) override;

  // One way; drawn uniformly for each write, but bytes never overtake each other.
  void set_latency(microseconds least, microseconds most);
  void set_host(std::string name, std::vector<IpAddress> addresses);

  enum class Fault {
    none,
    refuse,      // connecting fails at once
    silent,      // connecting gets no answer
    black_hole,  // connecting works, and nothing is ever answered
    no_answer,   // (of a name) looking it up gets no answer
  };
  void set_fault(SocketAddress to, Fault fault);
  void set_fault(const std::string& host, Fault fault);
  // The next connection to this address breaks, for both ends, when this many bytes have arrived in both directions
  // together.
  void break_next_connection_after(SocketAddress to, std::size_t bytes);

  // As a crash of everything: all connections and listeners are gone, and who waits for them is never resumed.
  void drop_all();

  std::size_t connections_made() const;
  std::size_t open_streams() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
  Clock& clock_;
};

}  // namespace epay::simulation
