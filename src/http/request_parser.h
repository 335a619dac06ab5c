// One request at a time from bytes as they come. Strict: what two readers could understand differently is refused.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/message.h"

namespace epay::http {

class RequestParser {
 public:
  struct Limits {
    std::size_t header_bytes_max;
    std::size_t body_bytes_max;
  };
  enum class Stage { header, body, complete, refused };
  static constexpr std::size_t header_fields_max = 128;

  explicit RequestParser(Limits limits);
  ~RequestParser();

  // Returns how many bytes it is done with; the rest must come again, with more after it.
  std::size_t put(std::string_view bytes);
  Stage stage() const;
  // Whether a byte of the request has come (line ends before it do not count).
  bool started() const;

  // From Stage::body on.
  bool expects_continue() const;
  // When complete.
  bool keep_alive() const;
  bool is_http_1_0() const;
  // When refused: 400, 413, 417 or 431, and why.
  int refused_status() const;
  const std::string& refusal() const;

  // What has been parsed; as far as it goes when refused.
  Request& request();
  // Ready for the next request.
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace epay::http
