#include "http/raw_json.h"

#include <gtest/gtest.h>

#include "http/json.h"

namespace epay::http {
namespace {

TEST(RawMember, IsTheTextAsItStands) {
  struct Row {
    std::string_view document, value;
  };
  const Row rows[] = {
      {R"({"payload":{"a":1.50,"b":"x"}})", R"({"a":1.50,"b":"x"})"},
      {R"({"id":17,"payload":{"text":"a}\"]{,\\"},"after":[1]})", R"({"text":"a}\"]{,\\"})"},
      {R"({"other":{"payload":1},"payload":{"payload":2}})", R"({"payload":2})"},
      {R"({"other":"\"payload\":3","payload":"\u0061\/é"})", R"("\u0061\/é")"},
      {R"({ "x" : [ 1 , {"payload": 9} ] , "payload" : [ 1 , 2 ] , "y" : 0 })", "[ 1 , 2 ]"},
      {R"({"payload":-1.5e+10})", "-1.5e+10"},
      {R"({"payload": true , "y":0})", "true"},
      {"{\n\"payload\"\t:\r\nnull\n}", "null"},
      {R"({"payload":1,"payload":{}})", "{}"},
      {R"({"payload":""})", R"("")"},
      {R"({"payload":[[],[{}]]})", "[[],[{}]]"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.document);
    ASSERT_TRUE(Json::parse(row.document).has_value());
    const auto value = raw_member(row.document, "payload");
    ASSERT_TRUE(value.has_value());
    EXPECT_EQ(*value, row.value);
    EXPECT_TRUE(Json::parse(*value).has_value());
  }
}

TEST(RawMember, IsNothingWhereThereIsNone) {
  for (const std::string_view document :
       {R"({})", R"({"other":{"payload":1}})", R"([{"payload":1}])", R"("payload")", "", R"({"pay\u006coad":1})"}) {
    EXPECT_FALSE(raw_member(document, "payload").has_value()) << document;
  }
}

// What is cut anywhere is no JSON; the scan ends all the same.
TEST(RawMember, EndsOnAnyText) {
  const std::string whole = R"({"id":17,"payload":{"a":["\"\\",{"b":null}]},"after":"\\"})";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto value = raw_member(std::string_view(whole).substr(0, size), "payload");
    if (value) EXPECT_TRUE(std::string_view(R"({"a":["\"\\",{"b":null}]})").starts_with(*value)) << size;
  }
}

}  // namespace
}  // namespace epay::http
