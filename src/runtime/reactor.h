// The event loop and what stands on it: the real clock and the real network. One thread runs it; everything in `src/`
// that is not thread-safe by its contract belongs to that thread.
#pragma once

#include <functional>
#include <memory>

#include "runtime/clock.h"
#include "runtime/network.h"

namespace epay::runtime {

// Must outlive every stream, listener and coroutine that was made with it.
class Reactor {
 public:
  Reactor();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  Clock& clock();
  Network& network();

  // Runs what is ready and waits for more, until stop(). The calling thread is the reactor thread.
  void run();
  // Makes run() return after the handler under way. Any thread, and from within run(). What is pending stays pending.
  void stop();

  // Calls `handler` on the reactor thread for each SIGINT and SIGTERM from now on.
  void on_signal(std::function<void(int)> handler);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace epay::runtime
