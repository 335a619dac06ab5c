#include "rails/simulator/phone.h"

namespace epay::rails::simulator {
namespace {

constexpr std::size_t prefix_digits = 7;

bool is_ours(std::string_view national) {
  return national.starts_with("0240000") || national.starts_with("0200000") || national.starts_with("0270000");
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

bool makes_vouchers(const PhoneNumber& number) {
  const std::string national = number.national();
  return national.starts_with("020") || national.starts_with("050");
}

}  // namespace epay::rails::simulator
