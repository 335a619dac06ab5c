#include "http/multipart.h"

#include <gtest/gtest.h>

#include <chrono>

namespace epay::http {
namespace {

constexpr const char* type = "multipart/form-data; boundary=B";

std::string part(const std::string& headers, const std::string& content) {
  return "--B\r\n" + headers + "\r\n\r\n" + content + "\r\n";
}
std::string named(const std::string& name, const std::string& content) {
  return part("Content-Disposition: form-data; name=\"" + name + "\"", content);
}
const std::string end = "--B--\r\n";

// "name|filename|type|bytes" of each part, or what is wrong.
std::vector<std::string> parse(const std::string& content_type, const std::string& body) {
  const auto parts = parse_multipart(content_type, body);
  if (!parts) return {parts.error().message};
  std::vector<std::string> rows;
  for (const Part& p : *parts) {
    rows.push_back(p.name + "|" + p.filename.value_or("-") + "|" + p.content_type + "|" + std::string(p.bytes));
  }
  return rows;
}

TEST(Multipart, ReadsWhatBrowsersAndToolsSend) {
  struct Row {
    std::string body;
    std::vector<std::string> parts;
  };
  const std::string disposition = "Content-Disposition: form-data; name=\"f\"";
  const Row rows[] = {
      {end, {}},
      {named("a", "1") + named("b", "2") + end, {"a|-||1", "b|-||2"}},
      {"\r\n" + named("a", "1") + end, {"a|-||1"}},
      {named("a", "1") + "--B--", {"a|-||1"}},
      {named("a", "1") + "--B-- \r\n\r\n", {"a|-||1"}},
      {named("a", "") + end, {"a|-||"}},
      {named("a", "\r\n") + end, {"a|-||\r\n"}},
      {named("a", "--B\r\n-\r\n--A\r\n\n--B") + end, {"a|-||--B\r\n-\r\n--A\r\n\n--B"}},
      {named("a", std::string("\0\xFF\r", 3)) + end, {std::string("a|-||\0\xFF\r", 8)}},
      {part(disposition + "; filename=\"l.png\"\r\nContent-Type: image/png", "P") + end, {"f|l.png|image/png|P"}},
      {part("content-type:image/png\r\nCONTENT-DISPOSITION:Form-Data;NAME=f;FileName=l.png;", "P") + end,
       {"f|l.png|image/png|P"}},
      {part(disposition + "; filename=\"\"\r\nContent-Type: application/octet-stream", "") + end,
       {"f||application/octet-stream|"}},
      {part(disposition + "; filename=\"a%22b\\c.png\"", "P") + end, {"f|a\"b\\c.png||P"}},
      {part(disposition + "; filename=\"a\\\"b\\\\c\"", "P") + end, {"f|a\"b\\c||P"}},
      {part(disposition + "; filename=\"r;name=\xC3\xA9\"; filename*=UTF-8''x", "P") + end, {"f|r;name=\xC3\xA9||P"}},
      {part(disposition + "\r\nContent-Transfer-Encoding: binary\r\nX-Other: \"", "P") + end, {"f|-||P"}},
      {"--B  \t\r\n" + disposition + "\r\n\r\nP\r\n" + end, {"f|-||P"}},
      {named("a", "1") + named("a", "2") + end, {"a|-||1", "a|-||2"}},
  };
  for (const Row& row : rows) EXPECT_EQ(parse(type, row.body), row.parts) << row.body;
}

TEST(Multipart, ReadsTheBoundary) {
  const std::string body = "--a b'(1)\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--a b'(1)--";
  EXPECT_EQ(parse("Multipart/Form-Data; charset=utf-8; boundary=\"a b'(1)\"", body),
            std::vector<std::string>({"x|-||1"}));
  for (const char* bad :
       {"", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"",
        "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=a\r\nb",
        "multipart/form-data; boundary=B; boundary=C", "multipart/mixed; boundary=B", "multipart/form-data boundary=B",
        "multipart/form-data; boundary=\"\xC3\xA9\"", "application/json; boundary=B"}) {
    EXPECT_FALSE(parse_multipart(bad, named("a", "1") + end).has_value()) << bad;
  }
  const std::string long_one(70, 'x');
  EXPECT_TRUE(parse_multipart("multipart/form-data; boundary=" + long_one, "--" + long_one + "--").has_value());
  EXPECT_FALSE(parse_multipart("multipart/form-data; boundary=" + long_one + "x", "--" + long_one + "x--").has_value());
  EXPECT_EQ(parse_multipart("text/plain", "").error().code, ErrorCode::unsupported_media);
  EXPECT_EQ(parse_multipart("multipart/form-data", "").error().code, ErrorCode::invalid);
}

TEST(Multipart, RefusesTheRestAndSaysWhy) {
  const std::string f = "Content-Disposition: form-data; name=\"f\"";
  const std::pair<std::string, const char*> rows[] = {
      {"", "does not begin with its boundary"},
      {"x", "does not begin with its boundary"},
      {"preamble\r\n" + named("a", "1") + end, "does not begin with its boundary"},
      {"--C\r\n", "does not begin with its boundary"},
      {"--B", "something behind it"},
      {"--Bx\r\n" + f + "\r\n\r\n1\r\n" + end, "something behind it"},
      {"--B\n" + f + "\n\n1\n--B--", "something behind it"},
      {named("a", "1\r\n--Bx") + end, "something behind it"},
      {named("a", "1") + end + "x", "something follows"},
      {named("a", "1") + end + named("b", "2") + end, "something follows"},
      {"--B\r\n", "within the headers"},
      {"--B\r\n" + f, "within the headers"},
      {"--B\r\n" + f + "\r\n", "within the headers"},
      {"--B\r\n" + f + "\r\n\r\n", "within a part"},
      {"--B\r\n" + f + "\r\n\r\nabc", "within a part"},
      {named("a", "1"), "within a part"},
      {named("a", "1") + "--B", "something behind it"},
      {"--B\r\n\r\n1\r\n" + end, "no name"},
      {part("Content-Type: text/plain", "1") + end, "no name"},
      {part("Content-Disposition: form-data", "1") + end, "no name"},
      {part("Content-Disposition: form-data; name=\"\"", "1") + end, "no name"},
      {part("Content-Disposition: attachment; name=\"a\"", "1") + end, "not form-data"},
      {part("Content-Disposition: form-data; name=\"a", "1") + end, "not form-data"},
      {part("Content-Disposition: form-data; name=\"a\"b", "1") + end, "not form-data"},
      {part("Content-Disposition: form-data; name=\"a\"; name=\"b\"", "1") + end, "not form-data"},
      {part("Content-Disposition: form-data; name", "1") + end, "not form-data"},
      {part(f + "\r\n" + f, "1") + end, "two names"},
      {part(f + "\r\nContent-Type: a/b\r\nContent-Type: c/d", "1") + end, "two types"},
      {part(f + "\r\nContent-Type: multipart/mixed; boundary=C", "--C--") + end, "parts of its own"},
      {part(f + "\r\nContent-Transfer-Encoding: base64", "MQ==") + end, "transfer encoding"},
      {part(f + "\r\n folded", "1") + end, "malformed header"},
      {part("no colon", "1") + end, "malformed header"},
      {part(": no name", "1") + end, "malformed header"},
      {part("Blank : x", "1") + end, "malformed header"},
      {part(f + "\r\nX: a\nb", "1") + end, "malformed header"},
      {part(std::string("Content-Disposition: form-data; name=\"a\0b\"", 42), "1") + end, "malformed header"},
      {part("Content-Disposition: form-data; name=\"\xFF\"", "1") + end, "not text"},
      {part(f + "; filename=\"\xFF\"", "1") + end, "not text"},
  };
  for (const auto& [body, why] : rows) {
    const auto parts = parse_multipart(type, body);
    ASSERT_FALSE(parts.has_value()) << body;
    EXPECT_EQ(parts.error().code, ErrorCode::invalid) << body;
    EXPECT_NE(parts.error().message.find(why), std::string::npos) << body << ": " << parts.error().message;
  }
}

TEST(Multipart, EveryPrefixOfAGoodBodyIsRefused) {
  const std::string whole =
      named("a", "1") + part("Content-Disposition: form-data; name=\"f\"; filename=\"x\"", "PNG") + "--B--";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(parse_multipart(type, whole.substr(0, length)).has_value()) << length;
  }
  EXPECT_TRUE(parse_multipart(type, whole).has_value());
}

TEST(Multipart, HasLimits) {
  const MultipartLimits limits;
  const std::string f = "Content-Disposition: form-data; name=\"f\"";
  const auto repeat = [](std::size_t times, const std::string& text) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
  };
  const auto filled = [&](std::size_t header_bytes) {  // headers of exactly so many bytes
    return part(f + "\r\nX: " + std::string(header_bytes - f.size() - 3, 'x'), "1") + end;
  };
  const std::string disposition = "Content-Disposition: form-data; ";
  const std::pair<std::string, std::string> rows[] = {
      // the most that is taken, and one more
      {repeat(limits.parts_max, named("a", "1")) + end, repeat(limits.parts_max + 1, named("a", "1")) + end},
      {filled(limits.header_bytes_max), filled(limits.header_bytes_max + 1)},
      {part(f + repeat(limits.header_fields_max - 1, "\r\nX: y"), "1") + end,
       part(f + repeat(limits.header_fields_max, "\r\nX: y"), "1") + end},
      {named(std::string(limits.name_bytes_max, 'n'), "1") + end,
       named(std::string(limits.name_bytes_max + 1, 'n'), "1") + end},
      {part(f + "; filename=\"" + std::string(limits.filename_bytes_max, 'n') + "\"", "1") + end,
       part(f + "; filename=\"" + std::string(limits.filename_bytes_max + 1, 'n') + "\"", "1") + end},
  };
  for (const auto& [most, more] : rows) {
    const auto taken = parse_multipart(type, most);
    EXPECT_TRUE(taken.has_value()) << taken.error().message;
    const auto refused = parse_multipart(type, more);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::too_large) << refused.error().message;
  }
}

TEST(Multipart, TimeIsLinearInTheBody) {
  // Nearly a delimiter, a hundred thousand times, and parameters without end.
  const std::string boundary(70, 'x');
  std::string nearly;
  for (int i = 0; i < 100'000; ++i) nearly += "\r\n--" + boundary.substr(1);
  const std::string bodies[] = {
      "--" + boundary + "\r\nContent-Disposition: form-data; name=a\r\n\r\n" + nearly,
      "--" + boundary + "\r\n" + std::string(8'000'000, ';'),
  };
  const auto start = std::chrono::steady_clock::now();
  for (const std::string& body : bodies) {
    EXPECT_FALSE(parse_multipart("multipart/form-data; boundary=" + boundary, body).has_value());
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace epay::http
