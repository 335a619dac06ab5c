#include "rails/reply_reader.h"

#include <charconv>

namespace epay::rails {
namespace {

using Kind = http::Json::Kind;

bool is_plain(const http::Json* json) {
  return json != nullptr && (json->kind == Kind::string || json->kind == Kind::number);
}

// Without what does not change a decimal number: zeros at the end of its fraction, zeros before its first digit.
std::string_view shortened(std::string_view text) {
  if (text.contains('.')) {
    while (text.ends_with('0')) text.remove_suffix(1);
    if (text.ends_with('.')) text.remove_suffix(1);
  }
  while (text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9') text.remove_prefix(1);
  return text;
}

}  // namespace

const http::Json* member_of(const http::Json& json, std::string_view name) {
  return json.kind == Kind::object ? json.find(name) : nullptr;
}

std::optional<std::string> text_of(const http::Json& json, std::string_view name) {
  const http::Json* member = member_of(json, name);
  if (!is_plain(member) || member->text.empty()) return std::nullopt;
  return member->text;
}

std::optional<Money> major_units(const http::Json* amount, Currency currency) {
  if (!is_plain(amount)) return std::nullopt;
  const auto money = Money::parse(shortened(amount->text), currency);
  return money ? std::optional(*money) : std::nullopt;
}

std::optional<Money> minor_units(const http::Json* amount, Currency currency) {
  if (!is_plain(amount)) return std::nullopt;
  const std::string_view text = shortened(amount->text);
  std::int64_t minor = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), minor);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (!whole || minor <= 0 || minor > Money::minor_max) return std::nullopt;
  return Money{minor, currency};
}

}  // namespace epay::rails
