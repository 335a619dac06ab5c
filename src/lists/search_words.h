// Words as searches see them: folded to lower case without accents, cut at whatever is neither letter nor digit. A word
// that is sought matches every word that it begins.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace epay::lists {

inline constexpr std::size_t sought_text_max = 100;  // bytes that are looked at
inline constexpr std::size_t sought_words_max = 8;

// "Ama  Añu-Mensah" -> "ama anu mensah": words with one blank between two.
std::string fold(std::string_view text);

// The words of a search, longest first. A telephone number in any of its forms is one word, in its national form.
std::vector<std::string> sought_words(std::string_view text);

// Which of the sought words have not been found yet, text by text.
class Sought {
 public:
  explicit Sought(const std::vector<std::string>& words) : words_(words), missing_(all()) {}

  void look_into(std::string_view text);
  bool found_all() const { return missing_ == 0; }
  void forget() { missing_ = all(); }

 private:
  std::uint32_t all() const { return (std::uint32_t(1) << words_.size()) - 1; }

  const std::vector<std::string>& words_;
  std::uint32_t missing_;  // a bit for each
};

// A Bloom filter of words and of their beginnings: what it does not have was never added; of what it seems to have, one
// in a hundred was not either. All have one size, so that many of them can be stored bit by bit (search_blocks.h).
struct WordFilter {
  static constexpr std::size_t bytes = 8 * 1'024;
  static constexpr std::size_t bits = 8 * bytes;
  static constexpr int probes = 4;

  // Where a hash has its bits.
  static std::array<std::uint32_t, probes> positions_of(std::uint64_t hash);
  static bool may_have(std::string_view filter, std::uint64_t hash);
};

class WordFilterBuilder {
 public:
  WordFilterBuilder() : filter_(WordFilter::bytes, '\0') {}
  void add_text(std::string_view text);
  // What is sought as a whole.
  void add_token(std::string_view token);
  const std::string& filter() const { return filter_; }

 private:
  void add(std::uint64_t hash);
  std::string filter_;
};

// What a filter must have where one of its texts has this word, or one that begins so. Nothing for words that are too
// short to tell.
std::optional<std::uint64_t> hash_of_word(std::string_view sought);
std::uint64_t hash_of_token(std::string_view token);

}  // namespace epay::lists
