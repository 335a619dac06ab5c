// Runs a task to its end in virtual time, for tests.
#pragma once

#include "base/check.h"
#include "runtime/task.h"
#include "simulation/sim_clock.h"

namespace epay::simulation {

namespace detail {

// A coroutine that belongs to whoever holds it, and starts at once.
struct Started {
  struct promise_type {
    Started get_return_object() noexcept { return Started{std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() { exception = std::current_exception(); }
    std::exception_ptr exception;
  };
  explicit Started(std::coroutine_handle<promise_type> started) : handle(started) {}
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;
  ~Started() { handle.destroy(); }
  std::coroutine_handle<promise_type> handle;
};

template <class T>
Started keep_result(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

inline Started keep_result(Task<void> task) { co_await std::move(task); }

inline void run_to_end(SimClock& clock, Started& started) {
  // A task that waits for what never comes is a mistake in the test.
  while (!started.handle.done()) EPAY_CHECK(clock.step());
  if (started.handle.promise().exception) std::rethrow_exception(started.handle.promise().exception);
}

}  // namespace detail

template <class T>
T run_task(SimClock& clock, Task<T> task) {
  std::optional<T> result;
  auto started = detail::keep_result(std::move(task), result);
  detail::run_to_end(clock, started);
  return std::move(*result);
}

inline void run_task(SimClock& clock, Task<void> task) {
  auto started = detail::keep_result(std::move(task));
  detail::run_to_end(clock, started);
}

}  // namespace epay::simulation
