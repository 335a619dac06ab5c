// Connections between exchanges: the newest of a destination goes out first, the longest unused of all goes away first.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/network.h"

namespace epay::http {

class ConnectionPool {
 public:
  struct Limits {
    std::size_t per_destination_max;
    std::size_t total_max;
    microseconds idle_time_max;
  };
  explicit ConnectionPool(Limits limits) : limits_(limits) {}

  // One that its peer has not ended, or null. `destination` names scheme, host and port.
  std::unique_ptr<Stream> take(const std::string& destination, Ticks now);
  void keep(const std::string& destination, std::unique_ptr<Stream> stream, Ticks now);
  std::size_t size() const { return by_age_.size(); }

 private:
  struct Kept {
    std::string destination;
    std::unique_ptr<Stream> stream;
    Ticks since;
  };
  using ByAge = std::list<Kept>;  // the longest unused first

  void forget(ByAge::iterator kept);
  void forget_expired(Ticks now);

  Limits limits_;
  ByAge by_age_;
  std::map<std::string, std::vector<ByAge::iterator>, std::less<>> by_destination_;  // each by age, too
};

}  // namespace epay::http
