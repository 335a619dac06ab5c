// Requests and responses as the rest of the program sees them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "runtime/network.h"
#include "runtime/task.h"

namespace epay::http {

// In order of arrival. Names compare without case.
class Headers {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // The first of that name.
  const std::string* find(std::string_view name) const;
  std::string_view get(std::string_view name) const;  // empty when absent
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

bool equal_ignoring_case(std::string_view a, std::string_view b);

struct Request {
  std::string method;
  std::string path;   // normalised: one slash between segments, none at the end (but "/" itself), still percent-encoded
  std::string query;  // after '?', undecoded
  Headers headers;
  std::string body;

  // Set by the server.
  std::string id;      // echoed as X-Request-Id, in every log line
  IpAddress client;    // who asks: the peer, or what a trusted proxy says
  std::string origin;  // "https://pay.example.com": the public URL, or what the client (or trusted proxy) names
  // Set by the router.
  std::string_view
      route;  // the pattern that fits, such as "/customers/{id}", as long as the router lives; empty when none
              // does. Unlike the path it is safe in logs and metrics: few values, and no tokens among them
  std::vector<std::string> path_parameters;  // of the route's {…}, decoded, in order

  // A decoded query parameter.
  std::optional<std::string> query_parameter(std::string_view name) const;
};

// Sends a response's body piece by piece. The server's: a response's stream function is given one.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  // Sends these bytes now; one write at a time. After an error every write gives it again. Errors: connection_closed
  // (the client is gone), timed_out (it does not read: the server's write_time_max).
  virtual Task<Result<>> write(std::string_view bytes) = 0;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  // When set, it writes the body, which lasts until it returns; `body` stays empty. The server keeps it alive as long
  // as it runs, so it may be a closure that is itself a coroutine. An exception breaks the connection, so that the
  // client of HTTP/1.1 knows that the body is not whole. Not called for HEAD, nor for a status that has no body.
  std::function<Task<void>(BodyWriter&)> stream = {};

  static Response json(int status, std::string body);
  static Response text(int status, std::string body);
  static Response html(int status, std::string body);
};

std::string_view reason_phrase(int status);
inline constexpr std::size_t form_fields_max = 1'000;
// application/x-www-form-urlencoded; nothing when an escape is malformed or there are more fields than form_fields_max.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_form(std::string_view body);
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank);
std::string percent_encode(std::string_view text);

}  // namespace epay::http
