#include "merchants/password_rules.h"

#include <algorithm>
#include <set>
#include <string>

#include "base/utf8.h"

namespace epay::merchants {
namespace {

// clang-format does not know #embed, and would put a blank into the name.
// clang-format off
constexpr char common_text[] = {
#embed <common_passwords.txt>
};
// clang-format on

constexpr std::size_t different_characters_min = 5;
constexpr std::size_t personal_part_min = 4;
// Beyond the personal part a password must have this much of its own.
constexpr std::size_t own_characters_min = 6;

// Sorted, one a line, in lower case.
bool is_common(std::string_view password) {
  static const std::set<std::string_view> common = [] {
    std::set<std::string_view> lines;
    std::string_view rest(common_text, sizeof common_text);
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      lines.insert(line);
    }
    return lines;
  }();
  return common.contains(password);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; }

// "password2024!" is "password" to those who guess.
std::string_view without_ornaments(std::string_view text) {
  while (!text.empty() && !is_letter(text.front())) text.remove_prefix(1);
  while (!text.empty() && !is_letter(text.back())) text.remove_suffix(1);
  return text;
}

// "P@ssw0rd" is written so because it was asked for.
std::string without_disguise(std::string text) {
  static constexpr std::pair<char, char> looks_like[] = {{'@', 'a'}, {'4', 'a'}, {'3', 'e'}, {'1', 'i'},
                                                         {'!', 'i'}, {'0', 'o'}, {'$', 's'}, {'5', 's'}};
  for (char& c : text) {
    for (const auto& [sign, letter] : looks_like) {
      if (c == sign) c = letter;
    }
  }
  return text;
}

bool is_common_in_disguise(std::string_view password) {
  const std::string plain = lower(password);
  if (is_common(plain)) return true;
  // What is put around a word may look like letters too: "2024!".
  const std::string words[] = {std::string(without_ornaments(plain)),
                               without_disguise(std::string(without_ornaments(plain))),
                               std::string(without_ornaments(without_disguise(plain)))};
  for (const std::string& word : words) {
    const bool mostly_word = word.size() >= personal_part_min && plain.size() - word.size() < own_characters_min;
    if (mostly_word && is_common(word)) return true;
  }
  // The same word twice.
  const std::string_view half = std::string_view(plain).substr(0, plain.size() / 2);
  return plain.size() % 2 == 0 && plain.substr(plain.size() / 2) == half && is_common(half);
}

bool is_simple(std::string_view password) {
  if (std::set<char>(password.begin(), password.end()).size() < different_characters_min) return true;
  std::size_t steps = 0;  // from a character to its neighbour: abc, 321
  for (std::size_t i = 1; i < password.size(); ++i) {
    const int step = password[i] - password[i - 1];
    if (step >= -1 && step <= 1) ++steps;
  }
  return steps + own_characters_min > password.size() && steps * 2 > password.size();
}

bool is_personal(std::string_view password, std::string_view known) {
  const std::string plain = lower(password);
  std::string text = lower(known);
  // The name in the address; the provider is no secret either, but nobody's own.
  text = text.substr(0, text.find('@'));
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view part = rest.substr(0, rest.find_first_of(" .-_+"));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    if (part.size() < personal_part_min) continue;
    if (plain.contains(part) && plain.size() - part.size() < own_characters_min) return true;
  }
  return false;
}

}  // namespace

std::optional<PasswordFault> password_fault(std::string_view password,
                                            std::initializer_list<std::string_view> personal) {
  if (utf8_length(password) < password_min) return PasswordFault::too_short;
  if (password.size() > password_max_bytes) return PasswordFault::too_long;
  if (is_common_in_disguise(password)) return PasswordFault::common;
  if (std::ranges::any_of(personal, [&](std::string_view known) { return is_personal(password, known); }))
    return PasswordFault::personal;
  if (is_simple(password)) return PasswordFault::simple;
  return std::nullopt;
}

std::string_view code_of(PasswordFault fault) {
  switch (fault) {
    case PasswordFault::too_short: return "password_short";
    case PasswordFault::too_long: return "password_long";
    case PasswordFault::common: return "password_common";
    case PasswordFault::personal: return "password_personal";
    case PasswordFault::simple: return "password_simple";
  }
  return "";
}

}  // namespace epay::merchants
