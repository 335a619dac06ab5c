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
constexpr std::size_t bits_each = 10;
constexpr int probes = 5;

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

// Calls `bit(byte, mask)` for each of a hash's bits, until that answers false; whether it never did.
template <class Bit>
bool each_bit(std::uint64_t hash, std::size_t bytes, Bit bit) {
  const std::uint64_t step = (hash >> 32) | 1;
  for (int i = 0; i < probes; ++i, hash += step) {
    const std::uint64_t position = (hash & 0xFFFFFFFF) * (bytes * 8) >> 32;
    if (!bit(std::size_t(position / 8), static_cast<unsigned char>(1u << position % 8))) return false;
  }
  return true;
}

bool may_have(std::string_view filter, std::uint64_t hash) {
  if (filter.empty()) return false;
  return each_bit(hash, filter.size(), [&](std::size_t byte, unsigned char mask) {
    return (static_cast<unsigned char>(filter[byte]) & mask) != 0;
  });
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

void Sought::look_at_word(std::string_view folded) {
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (folded.starts_with(words_[i])) missing_ &= ~(std::uint32_t(1) << i);
  }
}

void Sought::look_into(std::string_view text) {
  if (missing_ == 0) return;
  word_.clear();
  const auto end_word = [&] {
    if (!word_.empty()) look_at_word(word_);
    word_.clear();
  };
  for_each_folded(text, [&](std::string_view letter) { word_ += letter; }, end_word);
  end_word();
}

void WordFilter::Builder::add_text(std::string_view text) {
  const std::string folded = fold(text);
  for (std::size_t at = 0; at < folded.size();) {
    const std::size_t end = std::min(folded.find(' ', at), folded.size());
    const auto word = std::string_view(folded).substr(at, end - at);
    for (const std::size_t length : lengths) {
      if (length > word.size()) break;
      hashes_.push_back(hash_of(word.substr(0, length)));
    }
    at = end + 1;
  }
}

void WordFilter::Builder::add_token(std::string_view token) { hashes_.push_back(hash_of(token)); }

std::string WordFilter::Builder::build() const {
  auto distinct = hashes_;
  std::ranges::sort(distinct);
  const auto rest = std::ranges::unique(distinct);
  distinct.erase(rest.begin(), rest.end());
  std::string filter(distinct.size() * bits_each / 8 + 1, '\0');
  merge_into(filter);
  return filter;
}

void WordFilter::Builder::merge_into(std::string& filter) const {
  for (const std::uint64_t hash : hashes_) {
    each_bit(hash, filter.size(), [&](std::size_t byte, unsigned char mask) {
      filter[byte] = static_cast<char>(static_cast<unsigned char>(filter[byte]) | mask);
      return true;
    });
  }
}

bool WordFilter::may_have_word(std::string_view sought) const {
  std::size_t longest = 0;
  for (const std::size_t length : lengths) {
    if (length <= sought.size()) longest = length;
  }
  // Beginnings that short are in every run.
  if (longest == 0) return true;
  return may_have(filter_, hash_of(sought.substr(0, longest)));
}

bool WordFilter::may_have_token(std::string_view token) const { return may_have(filter_, hash_of(token)); }

}  // namespace epay::lists
