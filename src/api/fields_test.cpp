#include "api/fields.h"

#include <gtest/gtest.h>

namespace epay::api {
namespace {

http::Request request(std::string type, std::string body) {
  http::Request made;
  if (!type.empty()) made.headers.add("Content-Type", std::move(type));
  made.body = std::move(body);
  return made;
}

std::vector<Field> fields_of(std::string body) { return *read_fields(request("application/json", std::move(body))); }

std::vector<std::string> wrong_fields(const FieldReader& reader) {
  std::vector<std::string> names;
  if (const auto error = reader.error()) {
    for (const FieldError& field : error->fields) names.push_back(field.field + ":" + field.code);
  }
  return names;
}

TEST(ReadFields, TakesJsonAndForms) {
  for (const char* type :
       {"application/json", "Application/JSON; charset=utf-8", " application/json ", "application/json;"}) {
    const auto fields = read_fields(request(type, R"({"a":"x","n":1.50})"));
    ASSERT_TRUE(fields) << type;
    EXPECT_EQ((*fields)[1].text, "1.50");
  }
  const auto form = read_fields(request("application/x-www-form-urlencoded", "a=x+y&b=%C3%A9"));
  ASSERT_TRUE(form);
  EXPECT_EQ((*form)[0].text, "x y");
  EXPECT_EQ((*form)[1].text, "é");
}

TEST(ReadFields, RefusesTheRest) {
  for (const char* type : {"", "text/plain", "multipart/form-data", "application/jsonx"}) {
    EXPECT_EQ(read_fields(request(type, "{}")).error().code, ErrorCode::unsupported_media) << type;
  }
  for (const char* body : {"[]", "1", "{", "{\"a\":}", "null", "\"x\"", "{\"a\":\"\xff\"}", "{} {}"}) {
    EXPECT_EQ(read_fields(request("application/json", body)).error().code, ErrorCode::invalid) << body;
  }
  for (const char* body : {"a=%", "a=%zz", "a=%ff"}) {
    EXPECT_EQ(read_fields(request("application/x-www-form-urlencoded", body)).error().code, ErrorCode::invalid) << body;
  }
}

TEST(FieldReader, NamesEveryWrongFieldAtOnce) {
  const auto fields =
      fields_of(R"({"name":"","email":"no","n":{"x":1},"net":"mtnn","wallet":"12","amount":"1e3","currency":"EU"})");
  FieldReader reader(fields);
  reader.required_text("name", 10);
  reader.required_email("email");
  reader.required_text("n", 10);
  reader.required_network("net");
  reader.required_wallet("wallet");
  reader.required_amount("amount", reader.currency_or_ghs("currency"));
  EXPECT_EQ(wrong_fields(reader), (std::vector<std::string>{"name:required", "email:invalid", "n:invalid",
                                                            "net:invalid", "wallet:invalid", "currency:invalid"}));
  EXPECT_EQ(reader.error()->message, "Not a valid API request with missing parameters");
}

TEST(FieldReader, TheMessageSaysWhichFieldAndWhy) {
  const auto fields = fields_of(R"({"amount":1.234})");
  FieldReader reader(fields);
  reader.required_amount("amount", reader.currency_or_ghs("currency"));
  ASSERT_TRUE(reader.error());
  EXPECT_EQ(reader.error()->message.find("amount"), 0u);
  EXPECT_NE(reader.error()->message.find("decimals"), std::string::npos);
}

struct AmountRow {
  std::string json;
  std::string currency;
  std::int64_t minor;  // 0: refused
};

TEST(FieldReader, AmountsAreExact) {
  const AmountRow rows[] = {{"1", "GHS", 100},   {"\"1.00\"", "GHS", 100}, {"0.1", "GHS", 10},
                            {"1e3", "GHS", 0},   {"-1", "GHS", 0},         {"\"NaN\"", "GHS", 0},
                            {"1.234", "GHS", 0}, {"1.234", "BHD", 1234},   {"1234567890123456789", "GHS", 0},
                            {"true", "GHS", 0},  {"[1]", "GHS", 0},        {"0.1", "JPY", 0},
                            {"0", "GHS", 0},     {"null", "GHS", 0},       {"0.30", "GHS", 30}};
  for (const AmountRow& row : rows) {
    const auto fields = fields_of("{\"amount\":" + row.json + ",\"currency\":\"" + row.currency + "\"}");
    FieldReader reader(fields);
    const Money amount = reader.required_amount("amount", reader.currency_or_ghs("currency"));
    EXPECT_EQ(reader.error() ? 0 : amount.minor, row.minor) << row.json << " " << row.currency;
  }
}

TEST(FieldReader, CurrenciesMayBeInLowerCaseAndDefaultToGhs) {
  const auto lower = fields_of(R"({"currency":"bhd"})");
  EXPECT_EQ(FieldReader(lower).currency_or_ghs("currency").code(), "BHD");
  const auto none = fields_of("{}");
  EXPECT_EQ(FieldReader(none).currency_or_ghs("currency").code(), "GHS");
}

TEST(FieldReader, LengthsAreCountedInCharacters) {
  const auto fields = fields_of(R"({"a":"ƆƆƆ","b":"line\nbreak"})");
  FieldReader reader(fields);
  EXPECT_EQ(reader.required_text("a", 3), "ƆƆƆ");
  EXPECT_FALSE(reader.error());
  reader.required_text("a", 2);
  reader.required_text("b", 20);
  EXPECT_EQ(wrong_fields(reader), (std::vector<std::string>{"a:invalid", "b:invalid"}));
}

}  // namespace
}  // namespace epay::api
