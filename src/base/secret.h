// A string that does not print, is compared in constant time, and is wiped when it goes.
#pragma once

#include <string>
#include <string_view>

namespace epay {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  Secret(Secret&&) = default;
  Secret& operator=(Secret&&) = default;
  ~Secret();

  // The one way to the value; a search for `reveal` shows every use.
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  bool equals(std::string_view other) const;

 private:
  std::string value_;
};

}  // namespace epay
