#include <gtest/gtest.h>

#include "http/client.h"

namespace epay::http {
namespace {

struct Row {
  std::string text;
  std::string parsed;  // "scheme host port target authority"; empty: refused
};

void check(const Row& row) {
  SCOPED_TRACE(row.text);
  const auto url = Url::parse(row.text);
  const std::string parsed =
      url ? url->scheme + " " + url->host + " " + std::to_string(url->port) + " " + url->target + " " + url->authority()
          : "";
  EXPECT_EQ(parsed, row.parsed);
}

TEST(Url, ParsesWhatMerchantsWrite) {
  const Row rows[] = {
      {"https://shop.example/hook", "https shop.example 443 /hook shop.example"},
      {"HTTP://Shop.Example", "http shop.example 80 / shop.example"},
      {"http://a:8080?x=1#frag", "http a 8080 /?x=1 a:8080"},
      {"https://a:443/", "https a 443 / a"},
      {"http://a:443/", "http a 443 / a:443"},
      {"http://a:/x", "http a 80 /x a"},
      {"http://a.example./", "http a.example 80 / a.example"},
      {"http://1.2.3.4/", "http 1.2.3.4 80 / 1.2.3.4"},
      {"http://[2001:DB8::1]:81/", "http 2001:db8::1 81 / [2001:db8::1]:81"},
      {"http://a_b.example/", "http a_b.example 80 / a_b.example"},
      {"http://3com.example/", "http 3com.example 80 / 3com.example"},
      {"http://a/\xC3\xA9?q={x}", "http a 80 /%C3%A9?q=%7Bx%7D a"},
      {"http://a/%41", "http a 80 /%41 a"},
  };
  for (const Row& row : rows) check(row);
}

TEST(Url, RefusesTheRest) {
  for (const std::string text : {"",
                                 "shop.example",
                                 "ftp://a/",
                                 "javascript:alert(1)",
                                 "//a/",
                                 "http:/a",
                                 "http://",
                                 "http:///x",
                                 "http://:80/",
                                 "http://?x",
                                 "http://user@a/",
                                 "http://user:pass@a/",
                                 "http://a@b@c/",
                                 "http://a b/",
                                 "http://a/ b",
                                 "http://a/\r\nX: y",
                                 "http://a\t/",
                                 "http://a/\x7f",
                                 "http://2130706433/",
                                 "http://0x7f.1/",
                                 "http://0x7f000001/",
                                 "http://0177.0.0.1/",
                                 "http://127.1/",
                                 "http://1.2.3.4.5/",
                                 "http://1.2.3.256/",
                                 "http://1.2.3.04/",
                                 "http://1.2.3.0x4/",
                                 "http://a.0x/",
                                 "http://a.1/",
                                 "http://a:0/",
                                 "http://a:65536/",
                                 "http://a:x/",
                                 "http://a:-1/",
                                 "http://a:80:80/",
                                 "http://[::1/",
                                 "http://[::1]x/",
                                 "http://[1.2.3.4]/",
                                 "http://[fe80::1%25eth0]/",
                                 "http://[]/",
                                 "http://a..b/",
                                 "http://.a/",
                                 "http://a\\b/",
                                 "http://a%2eb/",
                                 "http://\xC3\xA9.example/",
                                 "http://a,b/",
                                 "http://*/"}) {
    check({text, ""});
  }
  // A name's last dot is dropped, and so is an address's.
  check({"http://127.0.0.1./", "http 127.0.0.1 80 / 127.0.0.1"});
  check({"http://" + std::string(64, 'a') + "/", ""});
  check({"http://a/" + std::string(2'040, 'x'), ""});
  check({std::string("http://a/\0", 10), ""});
}

}  // namespace
}  // namespace epay::http
