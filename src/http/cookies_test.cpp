#include "http/cookies.h"

#include <gtest/gtest.h>

namespace epay::http {
namespace {

struct Row {
  std::string header;
  std::string parsed;  // "name=value|…"
};

void check(const Row& row) {
  SCOPED_TRACE(row.header);
  std::string parsed;
  for (const auto& [name, value] : parse_cookies(row.header)) {
    parsed += (parsed.empty() ? "" : "|") + std::string(name) + "=" + std::string(value);
  }
  EXPECT_EQ(parsed, row.parsed);
}

TEST(Cookies, AreReadAsTheyComeAndTheRestIsPassedOver) {
  const Row rows[] = {
      {"", ""},
      {"a=1", "a=1"},
      {"a=1; b=2", "a=1|b=2"},
      {"a=1;b=2 ;\tc = 3 ", "a=1|b=2|c=3"},
      {"a=", "a="},
      {"a==1=2", "a==1=2"},
      {"a=\"1\"; b=\"; c=\"\"", "a=1|b=\"|c="},
      {"a=1; a=2", "a=1|a=2"},
      {"A=1; a=2", "A=1|a=2"},
      {"nothing; =nameless; a=1", "a=1"},
      {";;; ;a=1;;", "a=1"},
      {"a=x y", "a=x y"},
      {std::string("a=1\0; b=2", 9), "b=2"},
      {"a\n=1; b=1\r\nc; d=\x7F; e=\xC3\xA9", "e=\xC3\xA9"},
      {"{\"json\":\"yes\"}; a=1", "a=1"},
  };
  for (const Row& row : rows) check(row);
}

TEST(Cookies, OnlySoManyAreLookedAt) {
  std::string header;
  for (std::size_t i = 0; i < cookies_max; ++i) header += "c" + std::to_string(i) + "=1; ";
  EXPECT_EQ(parse_cookies(header + "late=1").size(), cookies_max);
  EXPECT_EQ(parse_cookies(std::string(1'000'000, ';') + "late=1").size(), 0u);
  EXPECT_EQ(parse_cookies(std::string(1'000'000, '=')).size(), 0u);
}

TEST(Cookies, AreFoundByTheirExactName) {
  Request request;
  request.headers.add("X-Other", "session=no");
  request.headers.add("cookie", "theme=dark; __Host-session=first");
  request.headers.add("Cookie", "__Host-session=second; last=1");
  EXPECT_EQ(find_cookie(request, "__Host-session"), "first");
  EXPECT_EQ(find_cookie(request, "last"), "1");
  EXPECT_EQ(find_cookie(request, "__host-session"), std::nullopt);
  EXPECT_EQ(find_cookie(request, "session"), std::nullopt);
  EXPECT_EQ(find_cookie(Request(), "session"), std::nullopt);
}

TEST(Cookies, AreWrittenWithTheirAttributes) {
  EXPECT_EQ(write_set_cookie({.name = "__Host-session", .value = "abc"}),
            "__Host-session=abc; Path=/; Secure; HttpOnly; SameSite=Lax");
  EXPECT_EQ(write_set_cookie({.name = "language",
                              .value = "fr",
                              .path = "/pay",
                              .max_age = hours(24),
                              .http_only = false,
                              .secure = false,
                              .same_site = SameSite::strict}),
            "language=fr; Path=/pay; Max-Age=86400; SameSite=Strict");
  EXPECT_EQ(write_set_cookie({.name = "a", .value = "", .same_site = SameSite::none}),
            "a=; Path=/; Secure; HttpOnly; SameSite=None");

  Response response;
  add_cookie(response, {.name = "a", .value = "1"});
  forget_cookie(response, {.name = "b", .value = "2"});
  std::vector<std::string> written;
  for (const auto& [name, value] : response.headers) written.push_back(name + ": " + value);
  EXPECT_EQ(written, std::vector<std::string>({"Set-Cookie: a=1; Path=/; Secure; HttpOnly; SameSite=Lax",
                                               "Set-Cookie: b=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"}));
}

TEST(CookiesDeathTest, WhatABrowserWouldDropOrMisreadIsNotWritten) {
  const std::pair<SetCookie, const char*> rows[] = {
      {{.name = "", .value = "1"}, "is_token"},
      {{.name = "a b", .value = "1"}, "is_token"},
      {{.name = "a;b", .value = "1"}, "is_token"},
      {{.name = "a", .value = "1; Domain=example.com"}, "is_value_character"},
      {{.name = "a", .value = "1\r\nX: y"}, "is_value_character"},
      {{.name = "a", .value = "\xC3\xA9"}, "is_value_character"},
      {{.name = "a", .value = std::string(cookie_bytes_max, 'x')}, "cookie_bytes_max"},
      {{.name = "a", .value = "1", .path = "pay"}, "starts_with"},
      {{.name = "a", .value = "1", .path = "/; Domain=example.com"}, "is_path_character"},
      {{.name = "a", .value = "1", .max_age = seconds(-1)}, "seconds"},
      {{.name = "a", .value = "1", .max_age = hours(24 * 401)}, "cookie_age_max"},
      {{.name = "a", .value = "1", .secure = false, .same_site = SameSite::none}, "same_site"},
      {{.name = "__Secure-a", .value = "1", .secure = false}, "__Secure-"},
      {{.name = "__Host-a", .value = "1", .secure = false}, "__Host-"},
      {{.name = "__Host-a", .value = "1", .path = "/pay"}, "__Host-"},
  };
  for (const auto& [cookie, why] : rows) EXPECT_DEATH((void)write_set_cookie(cookie), why) << cookie.name;
}

}  // namespace
}  // namespace epay::http
