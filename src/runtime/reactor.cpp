#include "runtime/reactor.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "runtime/real_clock.h"
#include "runtime/real_network.h"

namespace epay::runtime {

namespace asio = boost::asio;

struct Reactor::State {
  // One thread runs it; others may post.
  asio::io_context io{1};
  RealClock clock{io};
  RealNetwork network{io, clock};
  asio::signal_set signals{io};
  std::function<void(int)> signal_handler;

  void wait_for_signal() {
    signals.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      signal_handler(signal);
      wait_for_signal();
    });
  }
};

Reactor::Reactor() : state_(std::make_unique<State>()) {}
Reactor::~Reactor() = default;

Clock& Reactor::clock() { return state_->clock; }
Network& Reactor::network() { return state_->network; }

void Reactor::run() {
  const auto guard = asio::make_work_guard(state_->io);
  state_->io.run();
  state_->io.restart();  // after and not before, so that a stop() that came early counts
}

void Reactor::stop() { state_->io.stop(); }

void Reactor::on_signal(std::function<void(int)> handler) {
  const bool first = !state_->signal_handler;
  state_->signal_handler = std::move(handler);
  if (!first) return;
  state_->signals.add(SIGINT);
  state_->signals.add(SIGTERM);
  state_->wait_for_signal();
}

}  // namespace epay::runtime
