// The merchants' programs: charges over HTTP, each at once when the last is answered (closed loop) or on time whatever
// comes back (open loop). Reactor thread only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/accounts.h"
#include "base/log.h"
#include "base/timestamp.h"
#include "http/client.h"
#include "runtime/reactor.h"
#include "runtime/task_group.h"

namespace epay::bench {

struct ChargePlan {
  std::vector<app::Account> accounts;  // which take turns
  std::int64_t payments = 0;
  int callers = 0;              // closed loop: this many
  std::int64_t per_second = 0;  // open loop
  std::string tag;              // makes references unique
};

// Connections to 127.0.0.0/8, as many as there are exchanges at once.
http::Client loopback_client(runtime::Reactor& reactor);
// A POST of JSON to 127.0.0.1.
http::Exchange post_of(std::uint16_t port, const std::string& path, std::string body);
// Lines of a bench's own log go to standard error.
void print_log_line(LogLevel, std::string_view line);

class Charges {
 public:
  // What it refers to outlives it.
  Charges(runtime::Reactor& reactor, Log& log, const ChargePlan& plan);

  // Gets every account a token. The services that listen at these ports take turns.
  Task<void> sign_in(std::vector<std::uint16_t> ports);
  // Until each charge is answered, or has failed.
  Task<void> run();

  // From sent (open loop: from when it was to be sent) to answered, of those that were taken on.
  const std::vector<microseconds>& answers() const { return answers_; }
  // How many were taken on, by account in the plan's order.
  const std::vector<std::int64_t>& taken() const { return taken_; }
  std::int64_t errors() const { return errors_; }

 private:
  Task<void> charge(std::int64_t number, Ticks due);
  Task<void> closed_loop();
  Task<void> open_loop();

  Clock& clock_;
  const ChargePlan& plan_;
  http::Client client_;
  TaskGroup tasks_;
  std::vector<std::uint16_t> ports_;
  std::vector<std::string> tokens_;
  std::vector<microseconds> answers_;
  std::vector<std::int64_t> taken_;
  std::int64_t sent_ = 0, answered_ = 0, errors_ = 0;
};

}  // namespace epay::bench
