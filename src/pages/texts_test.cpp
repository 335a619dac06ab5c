#include "pages/texts.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "pages/embedded.h"

namespace epay::pages {
namespace {

std::set<std::string> placeholders_of(const std::string& text) {
  static const std::regex pattern(R"(\{[a-z_]+\})");
  std::set<std::string> names;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) names.insert(at->str());
  return names;
}

TEST(Texts, EveryLanguageHasTheSameTextsWithTheSamePlaceholders) {
  const Texts& english = texts_of("en");
  for (const std::string_view language : language_names()) {
    const Texts& texts = texts_of(language);
    for (const auto& [key, text] : english.all()) {
      ASSERT_TRUE(texts.has(key)) << language << " lacks " << key;
      EXPECT_EQ(placeholders_of(std::string(texts.at(key))), placeholders_of(text)) << language << " " << key;
      EXPECT_FALSE(texts.at(key).empty()) << language << " " << key;
    }
    for (const auto& [key, text] : texts.all()) EXPECT_TRUE(english.has(key)) << language << " alone has " << key;
  }
}

TEST(Texts, EveryTextThatATemplateNamesExists) {
  static const std::regex pattern(R"(\{\{[{#^&/]?\s*t\.([a-z0-9_.]+)\s*\}?\}\})");
  for (const EmbeddedText& one : templates()) {
    const std::string text(one.text);
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
      EXPECT_TRUE(texts_of("en").has((*at)[1].str())) << one.name << " names " << (*at)[1];
    }
  }
}

TEST(Texts, ThePlaceholdersOfATextAreReplaced) {
  const Texts texts("en", R"({"a": {"b": "Pay {amount} to {name}.", "c": "{name}{name}"}})");
  EXPECT_EQ(texts.format("a.b", {{"amount", "GHS 5.00"}, {"name", "{amount}"}}), "Pay GHS 5.00 to {amount}.");
  EXPECT_EQ(texts.format("a.c", {{"name", "x"}}), "xx");
}

TEST(Texts, TheLanguageIsTheOneAskedFor) {
  struct Case {
    const char *query, *cookie, *accept, *expected;
  };
  for (const auto& [query, cookie, accept, expected] :
       {Case{"", "", "", "en"}, Case{"lang=fr", "", "", "fr"}, Case{"lang=xx", "epay_language=fr", "", "fr"},
        Case{"lang=en", "epay_language=fr", "fr", "en"}, Case{"", "a=b; epay_language=fr", "en", "fr"},
        Case{"", "epay_languages=fr", "", "en"}, Case{"", "", "fr", "fr"}, Case{"", "", "fr-CI", "fr"},
        Case{"", "", "de, fr;q=0.5, en;q=0.4", "fr"}, Case{"", "", "fr;q=0.4,en;q=0.45", "en"},
        Case{"", "", "fr;q=0", "en"}, Case{"", "", "*, ;;q=,", "en"}}) {
    http::Request request;
    request.query = query;
    if (*cookie) request.headers.add("Cookie", cookie);
    if (*accept) request.headers.add("Accept-Language", accept);
    EXPECT_EQ(texts_for(request).language(), expected) << query << "|" << cookie << "|" << accept;
  }
}

}  // namespace
}  // namespace epay::pages
