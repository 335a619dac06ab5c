#include "mail/transfer_encoding.h"

#include <algorithm>
#include <vector>

#include "base/crypto.h"
#include "base/utf8.h"

namespace epay::mail {
namespace {

constexpr std::size_t line_max = 998;        // RFC 5322, 2.1.1
constexpr std::size_t quoted_line_max = 76;  // RFC 2045, 6.7
// With its frame "=?UTF-8?B?…?=" in base64 and "Subject: " before it, a line has at most 76 characters (RFC 2047, 2).
constexpr std::size_t encoded_word_bytes_max = 39;

// The last line break ends the last line and begins none.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool is_printable(char c) { return c >= 0x20 && c < 0x7F; }

bool is_plain(std::string_view line) {
  return line.size() <= line_max && std::ranges::all_of(line, [](char c) { return is_printable(c) || c == '\t'; });
}

std::string quoted(char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  return {'=', digits[byte >> 4], digits[byte & 15]};
}

// A blank at a line's end is what mail servers drop.
std::string quoted_printable(std::string_view line) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool last = i + 1 == line.size();
    const bool as_it_is = (is_printable(c) || c == '\t') && c != '=' && !(last && (c == ' ' || c == '\t'));
    const std::string piece = as_it_is ? std::string(1, c) : quoted(c);
    // One column is kept for the soft line break.
    if (column + piece.size() >= quoted_line_max) {
      out += "=\r\n";
      column = 0;
    }
    out += piece;
    column += piece.size();
  }
  return out;
}

}  // namespace

std::string mime_part(std::string_view type, std::string_view text) {
  const auto lines = lines_of(text);
  const bool plain = std::ranges::all_of(lines, is_plain);
  std::string part = "Content-Type: " + std::string(type) + "; charset=utf-8\r\nContent-Transfer-Encoding: ";
  part += plain ? "7bit\r\n\r\n" : "quoted-printable\r\n\r\n";
  for (const std::string_view line : lines) {
    part += plain ? std::string(line) : quoted_printable(line);
    part += "\r\n";
  }
  return part;
}

std::string encoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t taken = 0;
    // Whole characters only: each word is decoded alone.
    while (taken < text.size()) {
      const std::size_t length = std::max<std::size_t>(utf8_sequence_length(text.substr(taken)), 1);
      if (taken + length > encoded_word_bytes_max) break;
      taken += length;
    }
    // Two words with only a folded blank between them are read as one text.
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + base64_encode(text.substr(0, taken)) + "?=";
    text.remove_prefix(taken);
  }
  return out;
}

}  // namespace epay::mail
