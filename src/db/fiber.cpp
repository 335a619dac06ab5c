#include "db/fiber.h"

#include <cxxabi.h>
#include <boost/context/fiber.hpp>
#include <boost/context/preallocated.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>
#include <cstring>
#include <utility>

#include "base/check.h"

// AddressSanitizer is told of every change of stacks; without it there is nobody to tell. This file itself is compiled
// without it: a function that says that its stack is gone cannot have its own locals watched.
#ifdef EPAY_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#else
namespace {
void __sanitizer_start_switch_fiber(void**, const void*, std::size_t) {}
void __sanitizer_finish_switch_fiber(void*, const void**, std::size_t*) {}
}  // namespace
#endif

namespace epay::db {
namespace {

namespace context = boost::context;

// Of address space; only what is used becomes memory. Behind its end is a page that nobody may touch.
constexpr std::size_t stack_bytes = std::size_t(1) << 20;

// Which exceptions a thread is handling: the C++ ABI keeps them in the order of one stack ("2.2.2 Caught Exception
// Stack" of the Itanium C++ ABI), so each fiber has its own.
struct CaughtExceptions {
  void* caught = nullptr;
  unsigned int uncaught = 0;
};

void exchange(CaughtExceptions& kept) {
  CaughtExceptions now;
  void* const of_thread = abi::__cxa_get_globals();
  std::memcpy(&now, of_thread, sizeof now);
  std::memcpy(of_thread, &kept, sizeof kept);
  kept = now;
}

}  // namespace

struct Fiber::Stack {
  context::protected_fixedsize_stack allocator{stack_bytes};
  context::stack_context memory = allocator.allocate();
  context::fiber inside;   // while it waits
  context::fiber outside;  // while it runs
  CaughtExceptions caught;
  void* fake_inside = nullptr;
  void* fake_outside = nullptr;
  const void* outside_bottom = nullptr;
  std::size_t outside_bytes = 0;
  const void* bottom() const { return static_cast<const char*>(memory.sp) - memory.size; }
};

Fiber::Fiber() : stack_(std::make_unique<Stack>()) {
  const context::preallocated memory(stack_->memory.sp, stack_->memory.size, stack_->memory);
  stack_->inside = context::fiber(std::allocator_arg, memory, stack_->allocator, [this](context::fiber&& outside) {
    __sanitizer_finish_switch_fiber(nullptr, &stack_->outside_bottom, &stack_->outside_bytes);
    stack_->outside = std::move(outside);
    run();
    return std::move(stack_->outside);
  });
}

Fiber::~Fiber() {
  EPAY_CHECK(idle());
  closing_ = true;
  switch_to_fiber();
}

void Fiber::run() {
  while (!closing_) {
    work_();
    work_ = nullptr;
    wait();
  }
  __sanitizer_start_switch_fiber(nullptr, stack_->outside_bottom, stack_->outside_bytes);
}

void Fiber::start(std::function<void()> work) {
  EPAY_CHECK(idle());
  work_ = std::move(work);
  switch_to_fiber();
}

void Fiber::resume() {
  EPAY_CHECK(!idle());
  switch_to_fiber();
}

void Fiber::switch_to_fiber() {
  __sanitizer_start_switch_fiber(&stack_->fake_outside, stack_->bottom(), stack_->memory.size);
  exchange(stack_->caught);
  stack_->inside = std::move(stack_->inside).resume();
  exchange(stack_->caught);
  __sanitizer_finish_switch_fiber(stack_->fake_outside, nullptr, nullptr);
}

void Fiber::wait() {
  __sanitizer_start_switch_fiber(&stack_->fake_inside, stack_->outside_bottom, stack_->outside_bytes);
  stack_->outside = std::move(stack_->outside).resume();
  __sanitizer_finish_switch_fiber(stack_->fake_inside, &stack_->outside_bottom, &stack_->outside_bytes);
}

}  // namespace epay::db
