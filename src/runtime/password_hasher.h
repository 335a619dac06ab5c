// Hashing of passwords on a thread of its own: it is made to be slow, and the reactor must not be.
// docs/decisions/passwords-are-hashed-on-one-thread.md
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/crypto.h"
#include "base/result.h"
#include "base/secret.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "runtime/task.h"

namespace epay::runtime {

class PasswordHasher {
 public:
  // inline_steps: on the calling thread, for the simulator and verbs of the command line.
  enum class Threading { own_thread, inline_steps };
  struct Options {
    Threading threading = Threading::own_thread;
    PasswordCost cost = {};
  };
  // Who comes when so many wait is turned away.
  static constexpr std::size_t waiting_max = 64;

  // Clock and chance must outlive it.
  PasswordHasher(Clock& clock, Random& random, Options options);
  // Nobody who waits is resumed.
  ~PasswordHasher();
  PasswordHasher(const PasswordHasher&) = delete;
  PasswordHasher& operator=(const PasswordHasher&) = delete;

  // Resume on the reactor thread. Error: unavailable (waiting_max are waiting).
  Task<Result<std::string>> hash(Secret password);
  // With an empty hash, as of somebody who is not there, it takes as long and is false: how long a log-in takes tells
  // nobody who has an account.
  Task<Result<bool>> matches(Secret password, std::string hash);

 private:
  class Worker;
  // Runs it elsewhere; it owns what it needs, for who waits may go meanwhile.
  Task<Result<>> run(std::function<void()> work);

  Clock& clock_;
  Random& random_;
  Options options_;
  std::shared_ptr<Worker> worker_;  // none with inline_steps
};

}  // namespace epay::runtime

namespace epay {
using runtime::PasswordHasher;
}
