// Words as searches see them: folded to lower case without accents, cut at whatever is neither letter nor digit. A word
// that is sought matches every word that it begins.
#pragma once

#include <cstdint>
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
  void look_at_word(std::string_view folded);

  const std::vector<std::string>& words_;
  std::uint32_t missing_;  // a bit for each
  std::string word_;       // kept for its capacity
};

// A Bloom filter of words and of their beginnings: what it does not have was never added; of what it seems to have one
// in a hundred was not either.
class WordFilter {
 public:
  // Collects, and then makes a filter that fits.
  class Builder {
   public:
    void add_text(std::string_view text);
    // A whole token that is sought as a whole.
    void add_token(std::string_view token);
    std::string build() const;
    // Adds to a filter that was built before.
    void merge_into(std::string& filter) const;

   private:
    std::vector<std::uint64_t> hashes_;
  };

  explicit WordFilter(std::string_view filter) : filter_(filter) {}
  bool may_have_word(std::string_view sought) const;
  bool may_have_token(std::string_view token) const;

 private:
  std::string_view filter_;
};

}  // namespace epay::lists
