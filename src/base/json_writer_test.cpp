#include "base/json_writer.h"

#include <gtest/gtest.h>

namespace epay {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonWriter, KeepsTheOrderAndPutsCommasBetween) {
  JsonWriter json;
  json.begin_object()
      .member("b", 1)
      .member("a", "x")
      .key("list")
      .begin_array()
      .value(true)
      .null()
      .raw("1.0")
      .end_array();
  json.member("none", std::optional<std::string>()).member("some", std::optional<std::string>("y"));
  json.key("empty").begin_object().end_object().end_object();
  EXPECT_EQ(json.take(), R"({"b":1,"a":"x","list":[true,null,1.0],"none":null,"some":"y","empty":{}})");
}

TEST(JsonWriter, EscapesWhatJsonAsksFor) {
  EXPECT_EQ(quoted("plain"), R"("plain")");
  EXPECT_EQ(quoted(""), R"("")");
  EXPECT_EQ(quoted("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(quoted("\n\r\t\x01\x1f"), R"("\n\r\t\u0001\u001f")");
  EXPECT_EQ(quoted(std::string_view("\0", 1)), R"("\u0000")");
  EXPECT_EQ(quoted("\x7f"), "\"\x7f\"");
  EXPECT_EQ(quoted("Akosua Ɔkyere 😀"), "\"Akosua Ɔkyere 😀\"");
}

TEST(JsonWriter, WhatIsNoUtf8BecomesTheReplacementCharacter) {
  EXPECT_EQ(quoted("a\xff"
                   "b"),
            "\"a\xEF\xBF\xBD"
            "b\"");
  EXPECT_EQ(quoted("\xC3"), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(quoted("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // a surrogate
}

}  // namespace
}  // namespace epay
