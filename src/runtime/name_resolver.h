// Host names to addresses, by the system's resolver. It blocks, so it runs on a few threads of its own: one name server
// that does not answer must not hold up the other names.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/network.h"

namespace epay::runtime {

class NameResolver {
 public:
  static constexpr std::size_t threads_max = 8;
  static constexpr std::size_t waiting_max = 4'096;

  using Addresses = Result<std::vector<IpAddress>>;

  NameResolver();
  // Does not wait for look-ups under way; their answers are dropped.
  ~NameResolver();

  // Calls `done` once on one of the resolver's threads, unless the resolver is destroyed first. False: too many are
  // waiting.
  bool resolve(std::string host, std::function<void(Addresses)> done);

 private:
  struct Shared;
  static void work(std::shared_ptr<Shared> shared);
  std::shared_ptr<Shared> shared_;
};

}  // namespace epay::runtime
