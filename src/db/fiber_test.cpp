#include "db/fiber.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace epay::db {
namespace {

TEST(Fiber, GoesOnWhereItWaited) {
  Fiber fiber;
  std::vector<std::string> seen;
  fiber.start([&] {
    for (int i = 0; i < 3; ++i) {
      seen.push_back("inside " + std::to_string(i));
      fiber.wait();
    }
  });
  while (!fiber.idle()) {
    seen.emplace_back("outside");
    fiber.resume();
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"inside 0", "outside", "inside 1", "outside", "inside 2", "outside"}));
}

TEST(Fiber, IsUsedAgain) {
  Fiber fiber;
  int sum = 0;
  for (int i = 1; i <= 1'000; ++i) {
    fiber.start([&, i] { sum += i; });
    ASSERT_TRUE(fiber.idle());
  }
  EXPECT_EQ(sum, 500'500);
}

TEST(Fiber, ManyWaitBesideEachOther) {
  std::vector<std::unique_ptr<Fiber>> fibers;
  std::vector<int> steps(64, 0);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    fibers.push_back(std::make_unique<Fiber>());
    fibers[i]->start([&, i] {
      for (std::size_t n = 0; n < i; ++n) {
        fibers[i]->wait();
        ++steps[i];
      }
    });
  }
  for (bool any = true; any;) {
    any = false;
    for (const auto& fiber : fibers) {
      if (fiber->idle()) continue;
      fiber->resume();
      any = true;
    }
  }
  for (std::size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(steps[i], int(i));
}

// Each waits in its handler, and the first one leaves it first.
TEST(Fiber, HandlesItsOwnExceptions) {
  Fiber fibers[2];
  std::string caught[2], again[2];
  for (const int i : {0, 1}) {
    fibers[i].start([&, i] {
      try {
        fibers[i].wait();
        throw std::runtime_error("thrown by " + std::to_string(i));
      } catch (const std::runtime_error& error) {
        fibers[i].wait();
        caught[i] = error.what();
        try {
          throw;
        } catch (const std::runtime_error& same) {
          again[i] = same.what();
        }
      }
      EXPECT_EQ(std::current_exception(), nullptr);
    });
  }
  for (int round = 0; round < 2; ++round) {
    for (Fiber& fiber : fibers) fiber.resume();
  }
  for (const int i : {0, 1}) {
    EXPECT_TRUE(fibers[i].idle());
    EXPECT_EQ(caught[i], "thrown by " + std::to_string(i));
    EXPECT_EQ(again[i], caught[i]);
  }
}

}  // namespace
}  // namespace epay::db
