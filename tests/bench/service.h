// The real binary under test, as a process of its own, and what the kernel says of it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "bench/stores.h"

namespace epay::bench {

struct Usage {
  double cpu_seconds = 0;
  std::int64_t peak_kib = 0;
  std::int64_t resident_kib = 0;
};

// What `serve` is told so that nothing but the program is measured: no made-up waits, no limit, webhooks to this
// machine.
std::vector<std::string> arguments_on(const Store& store);

class Service {
 public:
  // Starts `binary serve …` with its log in a file, and waits until it listens.
  Service(const std::string& binary, std::vector<std::string> arguments, const std::string& log_path);
  ~Service();  // SIGTERM, and waits
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  std::uint16_t port() const { return port_; }
  Usage usage() const;

 private:
  pid_t process_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace epay::bench
