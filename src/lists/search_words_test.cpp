#include "lists/search_words.h"

#include <gtest/gtest.h>

namespace epay::lists {
namespace {

using Words = std::vector<std::string>;

TEST(SearchWords, AreFoldedToLowerCaseWithoutAccents) {
  const std::pair<const char*, const char*> rows[] = {
      {"", ""},
      {"Ama  MENSAH", "ama mensah"},
      {"ama.mensah+1@Example.com", "ama mensah 1 example com"},
      {"O'Brien-Añu, Zoë", "obrien anu zoe"},
      {"ČŠŽ łódź Œuvre", "csz lodz Œuvre"},
      {"Ɛfua Ɔdɔ Ŋ", "ɛfua ɔdɔ ŋ"},
      {"2×3", "2 3"},
      {"\xFF\xFE", "\xFF\xFE"},  // not UTF-8: kept as it is
  };
  for (const auto& [text, folded] : rows) EXPECT_EQ(fold(text), folded) << text;
}

TEST(SearchWords, AreTakenFromASearchTheLongestFirst) {
  EXPECT_EQ(sought_words("ama Mensah"), (Words{"mensah", "ama"}));
  EXPECT_EQ(sought_words(" -- "), Words());
  EXPECT_EQ(sought_words("a b c d e f g h i j").size(), sought_words_max);
  EXPECT_EQ(sought_words(std::string(1'000, 'x')).at(0).size(), sought_text_max);
}

TEST(SearchWords, ATelephoneNumberIsOneWordInItsNationalForm) {
  for (const char* text : {"0240000450", "+233 24 000 0450", "233240000450", "024-000-0450"}) {
    EXPECT_EQ(sought_words(text), Words{"0240000450"}) << text;
  }
  EXPECT_EQ(sought_words("024 000"), (Words{"024", "000"}));
}

TEST(Sought, FindsEveryWordWhereverItIs) {
  const Words words = sought_words("men ama");
  Sought sought(words);
  sought.look_into("Kofi Mensah");
  EXPECT_FALSE(sought.found_all());
  sought.look_into("AMA@example.com");
  EXPECT_TRUE(sought.found_all());
  sought.forget();
  EXPECT_FALSE(sought.found_all());
  sought.look_into("Carmen Yama");  // not where a word begins
  EXPECT_FALSE(sought.found_all());
}

bool has_word(const WordFilterBuilder& builder, std::string_view word) {
  const auto hash = hash_of_word(word);
  return !hash || WordFilter::may_have(builder.filter(), *hash);
}

TEST(WordFilter, HasEveryBeginningOfWhatWasAdded) {
  WordFilterBuilder builder;
  builder.add_text("Abena Konadu-Yiadom 0240000450");
  builder.add_token("page:7");
  for (const std::string word : {"abena", "konadu", "yiadom", "0240000450"}) {
    for (std::size_t length = 1; length <= word.size(); ++length) {
      EXPECT_TRUE(has_word(builder, word.substr(0, length))) << word.substr(0, length);
    }
  }
  EXPECT_TRUE(WordFilter::may_have(builder.filter(), hash_of_token("page:7")));
  EXPECT_FALSE(has_word(builder, "kwame"));
  EXPECT_FALSE(WordFilter::may_have(builder.filter(), hash_of_token("page:8")));
}

TEST(WordFilter, SeldomSeemsToHaveWhatItHasNot) {
  WordFilterBuilder builder;
  for (int i = 0; i < 5'500; ++i) builder.add_token("in" + std::to_string(i));
  int mistaken = 0;
  for (int i = 0; i < 10'000; ++i) {
    mistaken += WordFilter::may_have(builder.filter(), hash_of_token("out" + std::to_string(i))) ? 1 : 0;
  }
  EXPECT_LT(mistaken, 150);  // one in a hundred
}

}  // namespace
}  // namespace epay::lists
