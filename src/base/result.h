// What a function of the domain can answer: a value, or an Error that a caller can act on and a person can read.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace epay {

enum class ErrorCode {
  invalid,            // input is malformed or missing; `fields` says which
  unsupported_media,  // a body of a type that is not read here
  unauthenticated,    // who is asking is not known
  not_found,
  conflict,     // contradicts what is stored already
  in_progress,  // the same request is being worked on; try again shortly
  refused,      // the rail refused, with proof that nothing happened
  insufficient_funds,
  unsupported,        // no enabled rail can do it
  unavailable,        // our own store or a peer cannot be used now
  timed_out,          // a deadline passed
  connection_failed,  // nothing was sent: no route, refused, name unknown, TLS handshake failed
  connection_closed,  // the peer went away after the connection was up
  malformed_reply,    // the peer does not speak the protocol
  address_refused,    // the SSRF guard said no
  too_large,
  too_many_requests,  // slow down
};

// One wrong field of a request. `code` is for programs, `message` for people.
struct FieldError {
  std::string field;
  std::string code;
  std::string message;
};

struct Error {
  ErrorCode code;
  std::string message;
  std::vector<FieldError> fields = {};
};

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message), {}});
}

}  // namespace epay
