#include <algorithm>

#include "base/email.h"
#include "mail/message.h"

namespace epay::mail {
namespace {

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// RFC 5321 allows a dot only between two of the others.
bool is_dotted(std::string_view text, std::string_view others) {
  if (text.empty() || text.front() == '.' || text.back() == '.' || text.contains("..")) return false;
  return std::ranges::all_of(text, [&](char c) { return is_letter_or_digit(c) || c == '.' || others.contains(c); });
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool is_deliverable(std::string_view email) {
  constexpr std::size_t local_part_max = 64;
  const auto at = email.find('@');
  if (!is_email(email) || at > local_part_max) return false;
  return is_dotted(email.substr(0, at), "!#$%&'*+-/=?^_`{|}~") && is_dotted(email.substr(at + 1), "-");
}

std::string masked(std::string_view email) {
  const auto at = email.find('@');
  if (at == std::string_view::npos || at == 0) return "***";
  return std::string(email.substr(0, 1)) + "***" + std::string(email.substr(at));
}

Result<Address> Address::parse(std::string_view text) {
  Address address{"", std::string(trim(text))};
  if (const auto open = text.find('<'); open != std::string_view::npos && text.ends_with('>')) {
    std::string_view name = trim(text.substr(0, open));
    if (name.size() >= 2 && name.starts_with('"') && name.ends_with('"')) name = name.substr(1, name.size() - 2);
    address = {std::string(name), std::string(text.substr(open + 1, text.size() - open - 2))};
  }
  const bool name_is_plain = std::ranges::none_of(
      address.name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '"' || c == '\\'; });
  if (!is_deliverable(address.email) || !name_is_plain) {
    return fail(ErrorCode::invalid, "must be an address such as pay@example.com or Epay <pay@example.com>");
  }
  return address;
}

}  // namespace epay::mail
