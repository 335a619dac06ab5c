#include "rails/simulator/phone.h"

#include <initializer_list>

namespace epay::rails::simulator {
namespace {

constexpr std::size_t prefix_digits = 7;

bool is_ours(std::string_view national) {
  return national.starts_with("0240000") || national.starts_with("0200000") || national.starts_with("0270000");
}

bool begins_with(const PhoneNumber& number, std::initializer_list<std::string_view> prefixes) {
  const std::string national = number.national();
  for (const std::string_view prefix : prefixes) {
    if (national.starts_with(prefix)) return true;
  }
  return false;
}

}  // namespace

bool is_test_phone(const PhoneNumber& number) {
  const std::string national = number.national();
  return is_ours(national) && national[prefix_digits] == '9';
}

bool is_sent_code(const PhoneNumber& number) {
  const std::string national = number.national();
  if (!is_ours(national)) return false;
  return national.ends_with("491") || national.substr(prefix_digits).starts_with("99");
}

bool makes_vouchers(const PhoneNumber& number) { return begins_with(number, {"020", "050"}); }

std::string_view network_name(const PhoneNumber& number) {
  if (begins_with(number, {"024", "025", "053", "054", "055", "059"})) return "MTN";
  if (makes_vouchers(number)) return "Telecel";
  if (begins_with(number, {"026", "027", "056", "057", "023"})) return "AT";
  return "";
}

}  // namespace epay::rails::simulator
