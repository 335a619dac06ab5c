#include "base/phone_number.h"

namespace epay {

Result<PhoneNumber> PhoneNumber::parse(std::string_view text) {
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (c == '+' && digits.empty()) {
      digits = "00";
    } else if (c != ' ' && c != '-' && c != '(' && c != ')') {
      return fail(ErrorCode::invalid, "must be a Ghanaian mobile number such as 0240000000");
    }
  }
  std::string_view rest = digits;
  if (rest.starts_with("00233")) {
    rest.remove_prefix(5);
  } else if (rest.starts_with("233") && rest.size() == 12) {
    rest.remove_prefix(3);
  } else if (rest.starts_with("0") && rest.size() == 10) {
    rest.remove_prefix(1);
  } else {
    rest = {};
  }
  if (rest.size() != 9 || (rest[0] != '2' && rest[0] != '5')) {
    return fail(ErrorCode::invalid, "must be a Ghanaian mobile number such as 0240000000");
  }
  return PhoneNumber(std::string(rest));
}

std::string mask_number(std::string_view text) {
  if (text.size() <= 6) return std::string(text.size(), '*');
  return std::string(text.substr(0, 3)) + std::string(text.size() - 6, '*') + std::string(text.substr(text.size() - 3));
}

std::string PhoneNumber::masked() const { return mask_number(national()); }

}  // namespace epay
