#include "rails/order_text.h"

namespace epay::rails {

std::string plain_text(std::string_view text, std::size_t max) {
  std::string out;
  for (const char c : text.substr(0, max)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || c == ' ' || c == '.' || c == ',' || c == '_' || c == '-') out += c;
  }
  return out.empty() ? "Payment" : out;
}

std::string fixed_decimal(const Money& amount) {
  std::string text = amount.to_decimal();
  const auto decimals = std::size_t(amount.currency.exponent());
  if (decimals == 0) return text;
  std::size_t dot = text.find('.');
  if (dot == std::string::npos) {
    dot = text.size();
    text += '.';
  }
  text.append(decimals - (text.size() - dot - 1), '0');
  return text;
}

}  // namespace epay::rails
