#include "http/header_text.h"

#include <algorithm>

namespace epay::http {
namespace {

bool is_token_character(unsigned char c) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         others.contains(static_cast<char>(c));
}

}  // namespace

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_control_character(unsigned char c) { return c < 0x20 || c == 0x7F; }

bool is_token(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_token_character); }

}  // namespace epay::http
