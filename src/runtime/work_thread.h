// A thread for computations that would hold up the reactor. They own what they work on and touch nothing else.
#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "runtime/clock.h"
#include "runtime/task.h"

namespace epay::runtime {

class WorkThread {
 public:
  // inline_steps: on the reactor thread, for the simulator and tests.
  enum class Threading { own_thread, inline_steps };
  struct Options {
    Threading threading = Threading::own_thread;
    std::size_t waiting_max = 16;  // who comes when so many wait is turned away
  };

  // The clock must outlive it.
  WorkThread(Clock& clock, Options options);
  // Waits for the computation under way; nobody who waits is resumed.
  ~WorkThread();
  WorkThread(const WorkThread&) = delete;
  WorkThread& operator=(const WorkThread&) = delete;

  // Runs `body`, a function without parameters that gives a Result, and resumes on the reactor thread with its result.
  // Errors of its own: unavailable (waiting_max are waiting, or there is no memory for it).
  template <class Body>
  auto run(Body body) -> Task<std::invoke_result_t<Body&>> {
    // Shared with the thread, which may still be at it when the coroutine has been destroyed.
    const auto answer = std::make_shared<std::optional<std::invoke_result_t<Body&>>>();
    const auto done = co_await run_elsewhere([answer, body = std::move(body)]() mutable { answer->emplace(body()); });
    if (!done) co_return std::unexpected(done.error());
    co_return std::move(**answer);
  }

 private:
  class Worker;
  Task<Result<>> run_elsewhere(std::move_only_function<void()> work);

  Clock& clock_;
  std::shared_ptr<Worker> worker_;  // none with inline_steps
};

}  // namespace epay::runtime

namespace epay {
using runtime::WorkThread;
}
