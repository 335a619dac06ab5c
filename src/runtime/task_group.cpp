#include "runtime/task_group.h"

namespace epay::runtime {

// The outermost frame of a spawned task. It frees itself when it ends; until then the group's list owns it.
struct TaskGroup::Root {
  struct promise_type {
    Root get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    auto final_suspend() const noexcept {
      struct Leave {
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<promise_type> self) const noexcept {
          TaskGroup* owner = self.promise().group;
          owner->roots_.erase(self.promise().position);
          self.destroy();
          if (--owner->running_ == 0) owner->emptied_.notify();
        }
        void await_resume() const noexcept {}
      };
      return Leave{};
    }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }

    TaskGroup* group = nullptr;
    std::list<std::coroutine_handle<>>::iterator position;
  };
  std::coroutine_handle<promise_type> handle;
};

TaskGroup::TaskGroup(Clock& clock, Log& log, std::string name)
    : clock_(clock), log_(log), name_(std::move(name)), emptied_(clock) {}

TaskGroup::~TaskGroup() {
  while (!roots_.empty()) {
    const auto root = roots_.front();
    roots_.pop_front();
    root.destroy();
  }
}

TaskGroup::Root TaskGroup::run(Task<void> task) {
  try {
    co_await std::move(task);
  } catch (const std::exception& error) {
    log_.error("task_failed", {{"group", name_}, {"error", error.what()}});
  }
}

void TaskGroup::spawn(Task<void> task) {
  const Root root = run(std::move(task));
  root.handle.promise().group = this;
  root.handle.promise().position = roots_.insert(roots_.end(), root.handle);
  ++running_;
  root.handle.resume();
}

Task<void> TaskGroup::wait_empty(Ticks due) {
  while (running_ > 0 && clock_.ticks() < due) co_await emptied_.wait_until(due);
}

}  // namespace epay::runtime
