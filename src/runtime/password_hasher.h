// Hashing of passwords on a thread of its own: it is made to be slow, and the reactor must not be.
// docs/decisions/passwords-are-hashed-on-one-thread.md
#pragma once

#include <string>

#include "base/crypto.h"
#include "base/result.h"
#include "base/secret.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "runtime/task.h"
#include "runtime/work_thread.h"

namespace epay::runtime {

class PasswordHasher {
 public:
  using Threading = WorkThread::Threading;
  struct Options {
    Threading threading = Threading::own_thread;
    PasswordCost cost = {};
  };
  // Who comes when so many wait is turned away.
  static constexpr std::size_t waiting_max = 64;

  // Clock and chance must outlive it.
  PasswordHasher(Clock& clock, Random& random, Options options)
      : random_(random), cost_(options.cost), thread_(clock, {options.threading, waiting_max}) {}

  // Resume on the reactor thread. Error: unavailable (waiting_max are waiting, or there is no memory for it).
  Task<Result<std::string>> hash(Secret password);
  // With an empty hash, as of somebody who is not there, it takes as long and is false: how long a log-in takes tells
  // nobody who has an account.
  Task<Result<bool>> matches(Secret password, std::string hash);

 private:
  Random& random_;
  PasswordCost cost_;
  WorkThread thread_;
};

}  // namespace epay::runtime

namespace epay {
using runtime::PasswordHasher;
}
