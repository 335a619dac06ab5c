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

// What a change says of one field: nothing, null, or a value.
template <class T, class Show>
std::string shown(const Given<T>& given, Show show) {
  if (!given) return "absent";
  return *given ? show(**given) : std::string("null");
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += "<" + text + ">";
  return all;
}

struct GivenRow {
  std::string kind;  // text, boolean, integer, texts, integers, object
  std::string json;  // of the field "f"; "" for none
  std::string read;  // "wrong" when it is refused
};

std::string read_given(FieldReader& reader, const std::string& kind) {
  std::string read;
  if (kind == "text") read = shown(reader.given_text("f", 5), [](const std::string& text) { return text; });
  if (kind == "boolean") read = shown(reader.given_boolean("f"), [](bool on) { return on ? "true" : "false"; });
  if (kind == "integer") {
    read = shown(reader.given_integer("f", {-5, 10}), [](std::int64_t number) { return std::to_string(number); });
  }
  if (kind == "texts") read = shown(reader.given_texts("f"), joined);
  if (kind == "integers") {
    read = shown(reader.given_integers("f"), [](const std::vector<std::int64_t>& numbers) {
      std::vector<std::string> texts;
      for (const std::int64_t number : numbers) texts.push_back(std::to_string(number));
      return joined(texts);
    });
  }
  if (kind == "object") {
    read = shown(reader.given_object("f"), [](const auto& members) {
      std::string all;
      for (const auto& [name, text] : members) all += name + "=" + text + ";";
      return all;
    });
  }
  return reader.error() ? "wrong" : read;
}

TEST(FieldReader, AChangeKnowsNullFromAbsent) {
  const GivenRow rows[] = {
      {"text", "", "absent"},
      {"text", "null", "null"},
      {"text", R"("")", "null"},
      {"text", R"("abc")", "abc"},
      {"text", "12", "12"},
      {"text", R"("abcdef")", "wrong"},
      {"text", "true", "wrong"},
      {"text", "[]", "wrong"},
      {"boolean", "", "absent"},
      {"boolean", "null", "null"},
      {"boolean", "true", "true"},
      {"boolean", "false", "false"},
      {"boolean", R"("true")", "true"},
      {"boolean", "0", "false"},
      {"boolean", "2", "wrong"},
      {"boolean", R"("yes")", "wrong"},
      {"boolean", "{}", "wrong"},
      {"integer", "", "absent"},
      {"integer", "null", "null"},
      {"integer", "10", "10"},
      {"integer", R"("-5")", "-5"},
      {"integer", "11", "wrong"},
      {"integer", "-6", "wrong"},
      {"integer", "1.0", "wrong"},
      {"integer", "1e1", "wrong"},
      {"integer", "99999999999999999999", "wrong"},
      {"integer", "true", "wrong"},
      {"texts", "", "absent"},
      {"texts", "null", "null"},
      {"texts", "[]", ""},
      {"texts", R"(["a","b, c"])", "<a><b, c>"},
      {"texts", R"("a, b")", "<a><b>"},
      {"texts", R"("*")", "<*>"},
      {"texts", R"(["a",["b"]])", "wrong"},
      {"texts", R"({"a":"b"})", "wrong"},
      {"texts", "true", "wrong"},
      {"integers", "[5,300]", "<5><300>"},
      {"integers", R"("5,300")", "<5><300>"},
      {"integers", "5", "<5>"},
      {"integers", R"(["5","x"])", "wrong"},
      {"integers", "[1.5]", "wrong"},
      {"integers", "null", "null"},
      {"object", R"({"a":"1","b":2})", "a=1;b=2;"},
      {"object", "{}", ""},
      {"object", "null", "null"},
      {"object", R"({"a":[1]})", "wrong"},
      {"object", R"(["a"])", "wrong"},
      {"object", R"("a")", "wrong"},
  };
  for (const GivenRow& row : rows) {
    const auto fields = fields_of(row.json.empty() ? "{}" : "{\"f\":" + row.json + "}");
    FieldReader reader(fields);
    EXPECT_EQ(read_given(reader, row.kind), row.read) << row.kind << " " << row.json;
  }
}

TEST(FieldReader, FormsHaveListsAndObjectsToo) {
  const GivenRow rows[] = {
      {"texts", "f[]=a&f[]=b", "<a><b>"},
      {"texts", "f%5B0%5D=a&f%5B1%5D=b", "<a><b>"},
      {"texts", "f=a,b", "<a><b>"},
      {"texts", "f=", "null"},
      {"texts", "", "absent"},
      {"texts", "f[x]=a", "wrong"},
      {"integers", "f[]=5&f[]=300", "<5><300>"},
      {"object", "f[X-Shop]=1&f[X-Till]=2+3", "X-Shop=1;X-Till=2 3;"},
      {"object", "f[]=1", "wrong"},
      {"object", "f[a][b]=1", "absent"},
      {"boolean", "f=0", "false"},
      {"integer", "f=7", "7"},
      {"text", "f[]=abc", "wrong"},
      {"text", "[]=abc", "absent"},
  };
  for (const GivenRow& row : rows) {
    const auto fields = read_fields(request("application/x-www-form-urlencoded", row.json));
    ASSERT_TRUE(fields) << row.json;
    FieldReader reader(*fields);
    EXPECT_EQ(read_given(reader, row.kind), row.read) << row.kind << " " << row.json;
  }
}

TEST(FieldReader, TimesNumbersAndTextsWithDefaults) {
  const auto fields = fields_of(R"({"since":1548420809,"until":"2019-01-25 12:53:29","n":"7","on":"1","raw":"a\nb"})");
  FieldReader reader(fields);
  EXPECT_EQ(reader.required_time("since"), reader.optional_time("until"));
  EXPECT_EQ(reader.optional_time("none"), std::nullopt);
  EXPECT_EQ(reader.integer_or("n", {0, 7}, 3), 7);
  EXPECT_EQ(reader.integer_or("none", {0, 7}, 3), 3);
  EXPECT_TRUE(reader.boolean_or("on", false));
  EXPECT_TRUE(reader.boolean_or("none", true));
  EXPECT_EQ(reader.required_raw_text("raw", 3), "a\nb");
  EXPECT_FALSE(reader.error());
  reader.required_time("none");
  reader.required_time("n_");
  reader.optional_time("raw");
  reader.integer_or("n", {0, 6}, 3);
  reader.boolean_or("raw", false);
  reader.required_raw_text("raw", 2);
  reader.required_raw_text("since", 20);
  reader.required_raw_text("none", 2);
  reader.add({{"url", "invalid", "url is wrong"}});
  EXPECT_EQ(wrong_fields(reader),
            (std::vector<std::string>{"none:required", "n_:required", "raw:invalid", "n:invalid", "raw:invalid",
                                      "raw:invalid", "since:invalid", "none:required", "url:invalid"}));
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
