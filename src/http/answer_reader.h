// An answer as a connection brings it: what has come and is not parsed yet, and the parser.
#pragma once

#include <optional>
#include <span>

#include "http/read_buffer.h"
#include "http/response_parser.h"

namespace epay::http {

class AnswerReader {
 public:
  AnswerReader(const ClientLimits& limits, bool to_head, ResponseParser::Body body)
      : header_bytes_max_(limits.header_bytes_max), parser_(limits, to_head, body) {}

  // Where the next bytes are to be read into; never empty.
  std::span<char> room() { return buffer_.room(header_bytes_max_); }
  // So many have been; 0 is the peer's end. After a failure nothing more is to be read, though what came before it may
  // be of use.
  void received(std::size_t count);
  // connection_closed (the answer is not whole) or malformed_reply.
  const std::optional<Error>& failure() const { return failure_; }

  ResponseParser& parser() { return parser_; }
  // No byte has come that belongs to no answer.
  bool nothing_left() const { return buffer_.empty(); }

 private:
  Result<> parse(std::size_t count);

  std::size_t header_bytes_max_;
  ResponseParser parser_;
  ReadBuffer buffer_;
  std::optional<Error> failure_;
};

}  // namespace epay::http
