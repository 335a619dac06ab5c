// Requests and responses as the rest of the program sees them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/network.h"

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

struct Response {
  int status = 200;
  Headers headers;
  std::string body;

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
