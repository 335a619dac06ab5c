// Ghanaian telephone numbers (RAILS §4.1): accepted as 0XXXXXXXXX, 233XXXXXXXXX, +233XXXXXXXXX or 00233XXXXXXXXX with
// blanks, dashes and brackets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace epay {

class PhoneNumber {
 public:
  // Errors: invalid. Only mobile numbers (a wallet needs one): 02x and 05x.
  static Result<PhoneNumber> parse(std::string_view text);

  // "0240000450", as Ghanaians and the wire write it.
  std::string national() const { return "0" + subscriber_; }
  // "233240000450", as rails want it.
  std::string international() const { return "233" + subscriber_; }
  // "024****450": for logs.
  std::string masked() const;

  friend bool operator==(const PhoneNumber&, const PhoneNumber&) = default;

 private:
  explicit PhoneNumber(std::string subscriber) : subscriber_(std::move(subscriber)) {}
  std::string subscriber_;  // nine digits
};

// Any text that may hold a number, for logs: all but the first three and last three characters hidden.
std::string mask_number(std::string_view text);

}  // namespace epay
