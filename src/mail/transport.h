// The door through which mail leaves: a mail server, a folder, a test's list.
#pragma once

#include <string>

#include "base/result.h"
#include "runtime/task.h"

namespace epay::mail {

struct Envelope {
  std::string id;  // as in Draft
  std::string from, recipient;
  std::string content;  // what compose() gives
};

class Transport {
 public:
  virtual ~Transport() = default;

  // Resumes on the reactor thread. Errors: refused (this mail will never be taken), unavailable (the server will not
  // take it now), and the ways in which no server was reached: connection_failed, connection_closed, timed_out,
  // unauthenticated.
  virtual Task<Result<>> send(Envelope envelope) = 0;
};

// Whether trying again is of no use.
inline bool is_permanent(const Error& error) {
  return error.code == ErrorCode::refused || error.code == ErrorCode::invalid;
}
// Whether another mail would fare no better now.
inline bool concerns_every_mail(const Error& error) {
  return error.code == ErrorCode::connection_failed || error.code == ErrorCode::timed_out ||
         error.code == ErrorCode::unauthenticated;
}

}  // namespace epay::mail
