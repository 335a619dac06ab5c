#include "lists/search_words.h"

#include <algorithm>
#include <array>

#include "base/phone_number.h"
#include "base/utf8.h"

namespace epay::lists {
namespace {

// The letters U+00C0 to U+017F without their accents, in lower case; '\0' is no letter, '?' stays as it is.
constexpr char latin_letters[] =
    "aaaaaaaceeeeiiii"   // À
    "?nooooo\0ouuuuy??"  // Ð
    "aaaaaaaceeeeiiii"   // à
    "?nooooo\0ouuuuy?y"  // ð
    "aaaaaaccccccccdd"   // Ā
    "??eeeeeeeeeegggg"   // Đ
    "gggghh??iiiiiiii"   // Ġ
    "ii??jjkk?lllllll"   // İ
    "lllnnnnnn???oooo"   // ŀ
    "oo??rrrrrrssssss"   // Ő
    "sstttt??uuuuuuuu"   // Š
    "uuuuwwyyyzzzzzz?";  // Ű
constexpr std::string_view latin(latin_letters, sizeof latin_letters - 1);
static_assert(latin.size() == 0x180 - 0xC0);

// Beginnings of these lengths are in a filter: a sought word is looked for by the longest of them that it has.
constexpr std::array<std::size_t, 7> lengths{3, 4, 5, 6, 8, 10, 12};

char folded_latin(std::string_view sequence) {
  const unsigned point = (unsigned(sequence[0]) & 0x1F) << 6 | (unsigned(sequence[1]) & 0x3F);
  return point >= 0xC0 && point < 0x180 ? latin[point - 0xC0] : '?';
}

// Letters that Akan, Ewe and Ga have besides.
std::string_view folded_other(std::string_view sequence) {
  if (sequence == "\xC5\x8A") return "\xC5\x8B";  // Ŋ
  if (sequence == "\xC6\x90") return "\xC9\x9B";  // Ɛ
  if (sequence == "\xC6\x86") return "\xC9\x94";  // Ɔ
  return sequence;
}

// Calls `letter(bytes)` for what belongs to a word, and `gap()` between words.
template <class Letter, class Gap>
void for_each_folded(std::string_view text, Letter letter, Gap gap) {
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) < 0x80) {
      ++at;
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
        letter(std::string_view(&c, 1));
      } else if (c >= 'A' && c <= 'Z') {
        const char lower = char(c - 'A' + 'a');
        letter(std::string_view(&lower, 1));
      } else if (c != '\'') {
        gap();
      }
      continue;
    }
    const std::size_t length = std::max<std::size_t>(1, utf8_sequence_length(text.substr(at)));
    const auto sequence = text.substr(at, length);
    at += length;
    const char base = length == 2 ? folded_latin(sequence) : '?';
    if (base == '\0') {
      gap();
    } else {
      letter(base == '?' ? folded_other(sequence) : std::string_view(&base, 1));
    }
  }
}

std::uint64_t hash_of(std::string_view word) {
  std::uint64_t hash = 0xCBF29CE484222325u;  // FNV-1a
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  hash ^= hash >> 33;  // and Murmur's last mix: its low bits alone would be poor
  hash *= 0xFF51AFD7ED558CCDu;
  hash ^= hash >> 33;
  hash *= 0xC4CEB9FE1A85EC53u;
  return hash ^ hash >> 33;
}

bool looks_like_number(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return c >= '0' && c <= '9'; }) >= 9 &&
         std::ranges::all_of(text, [](char c) { return std::string_view("0123456789+-() .").contains(c); });
}

}  // namespace

std::string fold(std::string_view text) {
  std::string folded;
  bool between = false;
  for_each_folded(
      text,
      [&](std::string_view letter) {
        if (between && !folded.empty()) folded += ' ';
        between = false;
        folded += letter;
      },
      [&] { between = true; });
  return folded;
}

std::vector<std::string> sought_words(std::string_view text) {
  text = text.substr(0, sought_text_max);
  if (looks_like_number(text)) {
    if (const auto number = PhoneNumber::parse(text)) return {number->national()};
  }
  std::vector<std::string> words;
  const std::string folded = fold(text);
  for (std::size_t at = 0; at < folded.size() && words.size() < sought_words_max;) {
    const std::size_t end = std::min(folded.find(' ', at), folded.size());
    words.push_back(folded.substr(at, end - at));
    at = end + 1;
  }
  std::ranges::sort(words, [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return words;
}

void Sought::look_into(std::string_view text) {
  if (missing_ == 0) return;
  // Those that the word at hand has begun like so far.
  std::uint32_t alive = missing_;
  std::size_t position = 0;
  const auto letter = [&](std::string_view bytes) {
    for (std::size_t i = 0; alive != 0 && i < words_.size(); ++i) {
      const std::uint32_t bit = std::uint32_t(1) << i;
      if ((alive & bit) == 0) continue;
      const std::string& word = words_[i];
      if (!std::string_view(word).substr(position).starts_with(bytes)) {
        alive &= ~bit;
      } else if (position + bytes.size() == word.size()) {
        missing_ &= ~bit;
        alive &= ~bit;
      }
    }
    position += bytes.size();
  };
  for_each_folded(text, letter, [&] {
    alive = missing_;
    position = 0;
  });
}

std::array<std::uint32_t, WordFilter::probes> WordFilter::positions_of(std::uint64_t hash) {
  std::array<std::uint32_t, probes> positions;
  static_assert(bits == 1 << 16);
  for (std::uint32_t& position : positions) {
    position = std::uint32_t(hash & (bits - 1));
    hash >>= 16;
  }
  return positions;
}

bool WordFilter::may_have(std::string_view filter, std::uint64_t hash) {
  return std::ranges::all_of(positions_of(hash), [&](std::uint32_t position) {
    return (static_cast<unsigned char>(filter[position / 8]) >> position % 8 & 1) != 0;
  });
}

void WordFilterBuilder::add(std::uint64_t hash) {
  for (const std::uint32_t position : WordFilter::positions_of(hash)) {
    filter_[position / 8] = static_cast<char>(static_cast<unsigned char>(filter_[position / 8]) | 1u << position % 8);
  }
}

void WordFilterBuilder::add_text(std::string_view text) {
  const std::string folded = fold(text);
  for (std::size_t at = 0; at < folded.size();) {
    const std::size_t end = std::min(folded.find(' ', at), folded.size());
    const auto word = std::string_view(folded).substr(at, end - at);
    for (const std::size_t length : lengths) {
      if (length > word.size()) break;
      add(hash_of(word.substr(0, length)));
    }
    at = end + 1;
  }
}

void WordFilterBuilder::add_token(std::string_view token) { add(hash_of(token)); }

std::optional<std::uint64_t> hash_of_word(std::string_view sought) {
  std::size_t longest = 0;
  for (const std::size_t length : lengths) {
    if (length <= sought.size()) longest = length;
  }
  // Beginnings that short are in every run.
  return longest == 0 ? std::nullopt : std::optional(hash_of(sought.substr(0, longest)));
}

std::uint64_t hash_of_token(std::string_view token) { return hash_of(token); }

}  // namespace epay::lists
