#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/timestamp.h"
#include "http/message.h"

namespace epay::http {

// Whether text can be a header's name or value without ending its line.
bool is_header_name(std::string_view text);
bool is_header_value(std::string_view text);

// "Sun, 06 Nov 1994 08:49:37 GMT", formatted once a second.
class HttpDate {
 public:
  std::string_view at(Timestamp now);

 private:
  std::int64_t second_ = -1;
  std::string text_;
};

// How a client sees where a body ends.
enum class BodyFraming {
  length,       // it was told how long the body is
  chunks,       // the last of its chunks is empty
  until_close,  // the connection ends with it: all that HTTP/1.0 knows for a body whose length nobody knows
};

struct ResponseFrame {
  std::string_view date;
  std::string_view request_id;
  bool close = false;
  bool to_head = false;  // no body, but its length
  BodyFraming framing = BodyFraming::length;
};

bool status_has_body(int status);

// Head and body in one (a streamed response has no body here). Content-Length, Connection, Date, X-Request-Id and
// Transfer-Encoding are the server's, and left out where the response has them. Nothing when a header could break out
// of its line.
std::optional<std::string> to_wire(const Response& response, const ResponseFrame& frame);

inline constexpr std::string_view last_chunk = "0\r\n\r\n";
// `bytes` is not empty: the empty chunk is the last.
std::string to_chunk(std::string_view bytes);

}  // namespace epay::http
