#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace epay::http {

struct RequestTarget {
  std::string path;   // normalised: one slash between segments, none at the end (but "/" itself), still percent-encoded
  std::string query;  // after '?', undecoded
};

// Of a request line: "/a/b?c" or "http://host/a/b?c". Nothing when it is neither, or when a segment has a malformed
// escape, an encoded NUL, or is "." or ".." (in any spelling): no client sends those but to find what a server makes of
// them.
std::optional<RequestTarget> parse_request_target(std::string_view text);

// Whether this can stand in a Host header: a name or a bracketed address, and perhaps a port.
bool is_valid_host(std::string_view text);

}  // namespace epay::http
