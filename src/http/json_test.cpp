#include "http/json.h"

#include <gtest/gtest.h>

#include "base/json_writer.h"

namespace epay::http {
namespace {

// The tree as text again: numbers as they were written.
void append(std::string& out, const Json& json) {
  switch (json.kind) {
    case Json::Kind::null: out += "null"; return;
    case Json::Kind::boolean: out += json.truth ? "true" : "false"; return;
    case Json::Kind::number: out += json.text; return;
    case Json::Kind::string: append_json_string(out, json.text); return;
    case Json::Kind::array:
      out += '[';
      for (const Json& item : json.items) (append(out, item), out += ' ');
      out += ']';
      return;
    case Json::Kind::object:
      out += '{';
      for (const auto& [key, value] : json.members) (out += key + ":", append(out, value), out += ' ');
      out += '}';
      return;
  }
}

struct Row {
  std::string text;
  std::string parsed;
};

void check(const Row& row) {
  SCOPED_TRACE(row.text);
  const auto json = Json::parse(row.text);
  ASSERT_TRUE(json.has_value()) << json.error().message;
  std::string parsed;
  append(parsed, *json);
  EXPECT_EQ(parsed, row.parsed);
}

TEST(Json, KeepsNumbersAsTheyWereWritten) {
  for (const std::string number : {"0", "-0", "1.50", "0.10", "12345678901234567890123", "1e3", "1E+2", "-1.5e-7",
                                   "9007199254740993", "0.1000000000000000055"}) {
    check({number, number});
    check({"[" + number + "]", "[" + number + " ]"});
  }
}

TEST(Json, ParsesDocuments) {
  const Row rows[] = {
      {" { \"a\" : [ 1 , true , null , \"x\" ] , \"b\" : { } } ", "{a:[1 true null \"x\" ] b:{} }"},
      {R"("\u00e9\ud83d\ude00\n")", "\"\xC3\xA9\xF0\x9F\x98\x80\\n\""},
      {R"({"a":1,"b":2,"a":3})", "{b:2 a:3 }"},
      {"[]", "[]"},
      {"\"\"", "\"\""},
  };
  for (const Row& row : rows) check(row);
  EXPECT_EQ(Json::parse(R"({"a":1})")->find("a")->text, "1");
  EXPECT_EQ(Json::parse(R"({"a":1})")->find("b"), nullptr);
  EXPECT_EQ(Json::parse("1")->find("b"), nullptr);
}

TEST(Json, RefusesTheRestAndSaysWhere) {
  const std::pair<std::string, int> rows[] = {
      // where, or -1 for anywhere
      {"", -1},
      {" ", -1},
      {"{", -1},
      {"[1,]", 3},
      {"{\"a\":1,}", 7},
      {"{a:1}", 1},
      {"'a'", 0},
      {"01", 1},
      {"+1", 0},
      {".5", 0},
      {"1.", -1},
      {"NaN", 0},
      {"nul", -1},
      {"1 2", 2},
      {"{} x", 3},
      {"\"a\nb\"", 2},
      {"\"\\x\"", 2},
      {"\"\\ud800\"", -1},
      {"\"\xC0\xAF\"", 1},
      {"\"\xED\xA0\x80\"", -1},
      {"\"\xFF\"", 1},
      {"\"abc", -1},
      {"// c\n1", 0},
      {"\xEF\xBB\xBF{}", 0},
      {std::string("\0", 1), 0},
      {std::string("1\0", 2), 1},
  };
  for (const auto& [text, byte] : rows) {
    const auto json = Json::parse(text);
    ASSERT_FALSE(json.has_value()) << text;
    EXPECT_EQ(json.error().code, ErrorCode::invalid);
    if (byte >= 0)
      EXPECT_NE(json.error().message.find("at byte " + std::to_string(byte) + ":"), std::string::npos)
          << text << ": " << json.error().message;
  }
}

TEST(Json, HasLimits) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(Json::parse(nested(Json::depth_max)).has_value());
  EXPECT_FALSE(Json::parse(nested(Json::depth_max + 1)).has_value());
  EXPECT_FALSE(Json::parse(std::string(1'000'000, '[')).has_value());
  std::string many = "[0";
  for (int i = 1; i < 100'001; ++i) many += ",0";
  EXPECT_FALSE(Json::parse(many + "]").has_value());
  std::string keys = "{\"k\":0";
  for (int i = 0; i < 90'000; ++i) keys += ",\"k" + std::to_string(i % 50'000) + "\":" + std::to_string(i);
  const auto parsed = Json::parse(keys + "}");  // would take minutes if keys were compared with each other
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->members.size(), 50'001u);
  EXPECT_EQ(parsed->find("k7")->text, "50007");
}

}  // namespace
}  // namespace epay::http
