// What goes wrong below and around an answer, whatever the answer says (RAILS §7.4): faults that a test asks for, each
// for the requests that it names.
#pragma once

#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/timestamp.h"
#include "http/json.h"
#include "http/message.h"

namespace epay::emulators {

enum class FaultKind {
  none,         // nothing but its delay
  close,        // the connection ends instead of an answer
  hang,         // no answer, for `delay` or ten minutes
  cut_head,     // the connection ends after half of the answer's head
  truncate,     // and after `bytes` bytes of its body
  garbage,      // bytes that are no HTTP
  drip,         // `bytes` bytes at a time, `delay` between them
  slow_head,    // half of the answer's head, and the rest after `delay`
  close_after,  // the answer says keep-alive, and the connection ends after it
  status,       // `status`, with a body as `body` says
  empty,        // the answer's status, and nothing in it
  html,         // the answer's status, and a page
  malformed,    // JSON that ends half way
  utf16,        // JSON in an encoding that it may not have
  duplicate_keys,
  unknown_fields,
  without_fields,  // the members that `fields` names are left out, at any depth
  numbers_as_strings,
  strings_as_numbers,
  huge,           // an answer of `bytes` bytes more
  chunked,        // in chunks of `bytes` bytes
  gzip,           // compressed, asked for or not
  expire_tokens,  // no access token given until now is good
};

struct Fault {
  std::int64_t number = 0;
  // Which requests.
  std::string method;  // empty: any
  std::string path;    // with * for any part of it
  int skip = 0;        // so many of them are left alone first
  int count = 1;       // and so many suffer it; 0: all
  // What happens.
  FaultKind kind = FaultKind::none;
  bool processed = true;          // whether the request is carried out at all
  microseconds delay{0};          // before the answer
  bool is_delayed_first = false;  // the delay comes before the processing
  int status = 500;
  std::string body;  // of a status: "json" (the vendor's way), "html", "empty", or the very text
  std::optional<int> retry_after;
  std::size_t bytes = 0;
  std::vector<std::string> fields;
  std::string text;  // as it was given
};

// Errors: invalid, naming the member.
Result<Fault> read_fault(const http::Json& json);

class Faults {
 public:
  // Gives it its number.
  std::int64_t add(Fault fault);
  void clear() { faults_.clear(); }
  // The first that names this request, counted.
  std::optional<Fault> take(const http::Request& request);
  // A JSON array of those that have not done all they shall.
  std::string to_json() const;

 private:
  std::list<Fault> faults_;
  std::int64_t last_ = 0;
};

// Whether `pattern`, in which * stands for any text, is the whole of `text`.
bool fits_pattern(std::string_view pattern, std::string_view text);

}  // namespace epay::emulators
