// A mail as it goes over the wire and into files: RFC 5322 headers, MIME content.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/timestamp.h"

namespace epay::mail {

inline constexpr std::size_t subject_max = 500;       // bytes
inline constexpr std::size_t body_max = 1024 * 1024;  // bytes, of the text and of the HTML

struct Address {
  std::string name;  // shown instead of the address; may be empty
  std::string email;

  // "Epay <pay@example.com>", or the address alone. Error: invalid.
  static Result<Address> parse(std::string_view text);
};

// Whether a mail server can be asked to deliver to it: an ASCII address without quotes or comments (RFC 5321,
// Dot-string).
bool is_deliverable(std::string_view email);
// For logs: "a***@example.com".
std::string masked(std::string_view email);

struct Draft {
  std::string id;  // letters, digits and dots, of this mail alone: the same on every try, so that a repeat shows
  Timestamp date;
  Address from;
  std::string recipient;  // an address alone
  std::string subject;
  std::string text;
  std::optional<std::string> html;  // the same, for readers that show it
};

// Lines end with CRLF and have at most 998 bytes; everything is ASCII. Error: invalid (an address or header with a line
// break in it, a body that is not UTF-8, a field that is too long).
Result<std::string> compose(const Draft& draft);

}  // namespace epay::mail
