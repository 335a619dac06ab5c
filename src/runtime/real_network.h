// The network of a running program: the system's sockets and resolver.
#pragma once

#include <memory>

#include "runtime/clock.h"
#include "runtime/network.h"

namespace boost::asio {
class io_context;
}

namespace epay::runtime {

class RealNetwork final : public Network {
 public:
  RealNetwork(boost::asio::io_context& io, Clock& clock);
  ~RealNetwork() override;

  Task<Result<std::vector<IpAddress>>> resolve(std::string host, Ticks deadline) override;
  Task<Result<std::unique_ptr<Stream>>> connect(SocketAddress to, std::optional<std::string> tls_server_name,
                                                Ticks deadline) override;
  Result<std::unique_ptr<Listener>> listen(SocketAddress at, std::optional<TlsFiles> tls) override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace epay::runtime
