// An answer whose body is read as it arrives. Client::open gives one.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "http/message.h"
#include "runtime/network.h"

namespace epay::http {

class AnswerReader;

class OpenAnswer {
 public:
  // The client's: `reader` has read the head from `stream`.
  OpenAnswer(std::unique_ptr<Stream> stream, std::unique_ptr<AnswerReader> reader);
  // Closes the connection, which is this answer's alone.
  ~OpenAnswer();

  int status() const { return status_; }
  const Headers& headers() const { return headers_; }

  // What has come of the body, as soon as something has: at most what one read brings (ClientLimits::header_bytes_max);
  // empty at its end, and from then on. One at a time. Errors: timed_out (nothing is lost, and it may be called again),
  // connection_closed (before the body's end), malformed_reply; after these two there is no more.
  Task<Result<std::string>> read_some(Ticks due);
  // Ends a read under way, with connection_closed.
  void close();

 private:
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<AnswerReader> reader_;
  int status_;
  Headers headers_;
};

}  // namespace epay::http
