// The door through which text messages leave: a provider's HTTP interface, a folder, a test's list.
#pragma once

#include <string>

#include "base/result.h"
#include "runtime/task.h"

namespace epay::sms {

struct Envelope {
  std::string id;         // of this message alone, the same on every try
  std::string recipient;  // "233240000000"
  std::string text;
};

class Transport {
 public:
  virtual ~Transport() = default;

  // Resumes on the reactor thread. Errors: refused (this message will never be taken); any other means that another try
  // may do better.
  virtual Task<Result<>> send(Envelope envelope) = 0;
};

}  // namespace epay::sms
