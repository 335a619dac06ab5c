// The merchants' servers: a listener on all of 127.0.0.0/8, where each endpoint has an address of its own and its path
// says how it behaves. Those that misbehave are a process of their own that yields the processor to all others, since
// what they spend on it would be spent on other machines.
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "base/timestamp.h"
#include "bench/deliveries.h"
#include "bench/misbehaviour.h"

namespace epay::bench {

// The URL of the n-th endpoint, from 0: of one that answers 200, or of one that misbehaves.
std::string endpoint_url(std::uint16_t port, int number, std::optional<Misbehaviour> kind);

struct Arrival {
  DeliveryName name;
  Timestamp at;  // its last byte
};

// What the receivers have seen so far.
struct ReceiverFigures {
  std::int64_t misbehaved = 0;  // requests that were not answered as they should
  std::int64_t poured = 0;      // bytes of answers of those that flood and drip
  std::int64_t followed = 0;    // requests to where a redirect points
  std::int64_t connections_peak = 0;
  std::int64_t endpoint_connections_peak = 0;  // open at once to one endpoint, the most of any
};

class Receivers {
 public:
  // Forks; returns when they listen. Arrivals at healthy endpoints beyond `arrivals_max` are an error of the bench.
  // To be made before anything has started a thread.
  Receivers(std::uint16_t port, std::size_t arrivals_max);
  ~Receivers();
  Receivers(const Receivers&) = delete;
  Receivers& operator=(const Receivers&) = delete;

  // What has arrived at healthy endpoints, in order.
  std::size_t arrivals() const;
  const Arrival& arrival(std::size_t index) const;
  ReceiverFigures figures() const;

  struct Shared;

 private:
  Shared* shared_;  // memory of both processes
  std::size_t bytes_;
  std::array<pid_t, 2> processes_{};
};

}  // namespace epay::bench
