#include "payments/slug.h"

#include "base/utf8.h"

namespace epay::payments {
namespace {

constexpr std::size_t initials_max = 6;

// What the letters À to ÿ are without their accents, from U+00C0 on; a dash where there is no letter.
constexpr std::string_view latin[] = {"a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",
                                      "d", "n", "o", "o", "o", "o", "o",  "-", "o", "u", "u", "u", "u", "y", "th", "ss",
                                      "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",
                                      "d", "n", "o", "o", "o", "o", "o",  "-", "o", "u", "u", "u", "u", "y", "th", "y"};

// Of one UTF-8 sequence; a dash for what is no letter.
std::string_view plain(std::string_view sequence) {
  static constexpr std::string_view ascii = "abcdefghijklmnopqrstuvwxyz";
  static constexpr std::string_view digits = "0123456789";
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) {
    if (first >= 'a' && first <= 'z') return ascii.substr(first - 'a', 1);
    if (first >= 'A' && first <= 'Z') return ascii.substr(first - 'A', 1);
    if (first >= '0' && first <= '9') return digits.substr(first - '0', 1);
    return sequence == "'" ? "" : "-";
  }
  if (sequence.size() == 2 && first == 0xC3) return latin[static_cast<unsigned char>(sequence[1]) & 0x3F];
  // Of Ghana's languages, and the typographic apostrophe.
  struct Letter {
    std::string_view from, to;
  };
  static constexpr Letter letters[] = {{"Ɛ", "e"}, {"ɛ", "e"},  {"Ɔ", "o"},  {"ɔ", "o"},    {"Ŋ", "n"},
                                       {"ŋ", "n"}, {"Œ", "oe"}, {"œ", "oe"}, {"\u2019", ""}};
  for (const Letter& letter : letters) {
    if (letter.from == sequence) return letter.to;
  }
  return "-";
}

// "ag-lounge": dashes single, none at the ends.
std::string words_of(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    const std::size_t length = std::max<std::size_t>(1, utf8_sequence_length(text));
    const std::string_view letter = plain(text.substr(0, length));
    text.remove_prefix(length);
    if (letter != "-") {
      words += letter;
    } else if (!words.empty() && words.back() != '-') {
      words += '-';
    }
  }
  if (words.ends_with('-')) words.pop_back();
  return words;
}

}  // namespace

std::string slug_of(std::string_view merchant_name, std::string_view page_name) {
  const std::string merchant = words_of(merchant_name);
  std::string initials;
  for (std::size_t i = 0; i < merchant.size() && initials.size() < initials_max; ++i) {
    if (i == 0 || merchant[i - 1] == '-') initials += merchant[i];
  }
  std::string words = words_of(page_name);
  if (words.size() > slug_words_max) {
    words.resize(slug_words_max);
    const std::size_t end = words.rfind('-');
    if (end != std::string::npos) words.resize(end);
  }
  if (words.empty()) words = "page";
  return initials.empty() ? words : initials + "-" + words;
}

}  // namespace epay::payments
