#include "base/utf8.h"

#include <gtest/gtest.h>

namespace epay {
namespace {

TEST(Utf8, TakesWellFormedSequencesOnly) {
  for (const char* text : {"", "plain", "é", "Ɔ", "€", "😀", "\xF4\x8F\xBF\xBF"}) EXPECT_TRUE(is_utf8(text)) << text;
  const char* bad[] = {"\x80",
                       "\xC0\xAF",
                       "\xC1\xBF",
                       "\xE0\x80\x80",
                       "\xED\xA0\x80",
                       "\xF0\x80\x80\x80",
                       "\xF4\x90\x80\x80",
                       "\xF5\x80\x80\x80",
                       "\xC3",
                       "\xE2\x82",
                       "a\xFF"};
  for (const char* text : bad) EXPECT_FALSE(is_utf8(text));
}

TEST(Utf8, CountsCodePoints) {
  EXPECT_EQ(utf8_length(""), 0u);
  EXPECT_EQ(utf8_length("Ɔ€😀a"), 4u);
  EXPECT_EQ(utf8_length("\xFF\xFF"), 2u);
}

}  // namespace
}  // namespace epay
