// One final response from bytes as they come; interim ones (1xx) are passed over.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/client.h"

namespace epay::http {

class ResponseParser {
 public:
  static constexpr int interim_max = 8;
  static constexpr std::size_t header_fields_max = 256;

  // What becomes of a body: it is kept for take() within the limits, or all of it is handed on by take_piece().
  enum class Body { kept, in_pieces };

  // `to_head`: the response to a HEAD request has no body.
  ResponseParser(const ClientLimits& limits, bool to_head, Body body);
  ~ResponseParser();

  // Returns how many bytes it is done with; the rest must come again, with more after it.
  // Errors: malformed_reply.
  Result<std::size_t> put(std::string_view bytes);
  // The peer ended the connection. Errors: connection_closed when the response is not whole without more.
  Result<> put_end();

  // All of it has come, or as much as is read.
  bool complete() const;
  // The connection can be used again: complete, with nothing left unread, and the peer keeps it.
  bool keep_alive() const;
  Answer take();

  // Status and headers are there. The body may follow.
  bool head_complete() const;
  // Of a body in pieces: an answer without it, once; and what came of it since the last call.
  Answer take_head();
  std::string take_piece();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace epay::http
