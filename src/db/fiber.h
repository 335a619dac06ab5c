// A function on a stack of its own, which can wait in the middle and be gone on with later, on the same thread. For
// drivers: bodies are plain functions, and several of them run beside each other this way.
#pragma once

#include <functional>
#include <memory>

namespace epay::db {

class Fiber {
 public:
  Fiber();
  // It must be idle.
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Gives it something to do, and control until it first waits or has done it. `work` must not throw.
  void start(std::function<void()> work);
  // Goes on behind its wait().
  void resume();
  // From within: gives control back to whoever started or resumed it.
  void wait();
  bool idle() const { return !work_; }

 private:
  struct Stack;
  void run();
  void switch_to_fiber();

  std::unique_ptr<Stack> stack_;
  std::function<void()> work_;  // under way
  bool closing_ = false;
};

}  // namespace epay::db
