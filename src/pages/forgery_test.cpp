#include "pages/forgery.h"

#include <gtest/gtest.h>

#include "simulation/sim_random.h"

namespace epay::pages {
namespace {

TEST(Forgery, ATokenBelongsToItsKeyUnderEveryMask) {
  simulation::SimRandom random(1);
  const Secret key("1xsession"), other("1xother");
  const std::string first = masked_form_token(key, random), second = masked_form_token(key, random);
  EXPECT_NE(first, second);
  // Nothing of one is in the other, so that a compressed page does not tell it by its length.
  for (std::size_t at = 0; at + 6 < first.size(); ++at) EXPECT_FALSE(second.contains(first.substr(at, 6)));
  EXPECT_TRUE(is_form_token(key, first));
  EXPECT_TRUE(is_form_token(key, second));
  EXPECT_FALSE(is_form_token(other, first));
  EXPECT_FALSE(is_form_token(Secret(), masked_form_token(Secret(), random))) << "nobody's key is no key";
  for (const std::string& wrong : {std::string(), std::string("x"), first + "A", first.substr(1), first + first})
    EXPECT_FALSE(is_form_token(key, wrong)) << wrong;
}

TEST(Forgery, TheBrowserSaysWhereItComesFrom) {
  struct Row {
    const char *origin, *site, *host;
    bool ours;
  };
  for (const auto& [origin, site, host, ours] : {
           Row{"https://pay.example.com", "", "pay.example.com", true},
           Row{"https://pay.example.com", "cross-site", "pay.example.com", true},
           Row{"http://127.0.0.1:8080", "", "127.0.0.1:8080", true},  // the host asked, though not the public one
           Row{"http://127.0.0.1:9090", "", "127.0.0.1:8080", false},
           Row{"https://pay.example.com.evil.example", "", "pay.example.com", false},
           Row{"https://evil.example", "same-origin", "pay.example.com", false},
           Row{"null", "", "pay.example.com", false},
           Row{"null", "", "null", false},
           Row{"", "same-origin", "pay.example.com", true},
           Row{"", "same-site", "pay.example.com", false},
           Row{"", "cross-site", "pay.example.com", false},
           Row{"", "none", "pay.example.com", false},
           Row{"", "", "pay.example.com", true},
       }) {
    http::Request request;
    request.origin = "https://pay.example.com";
    if (*origin) request.headers.add("Origin", origin);
    if (*site) request.headers.add("Sec-Fetch-Site", site);
    request.headers.add("Host", host);
    EXPECT_EQ(comes_from_us(request), ours) << origin << " " << site << " " << host;
  }
}

TEST(Forgery, TheTokenIsInTheFormOrInAHeader) {
  simulation::SimRandom random(1);
  const Secret key("1xsession");
  const std::string token = masked_form_token(key, random);
  http::Request request;
  EXPECT_FALSE(is_our_form(request, {}, key));
  EXPECT_TRUE(is_our_form(request, {.fields = {{"csrf", token}}}, key));
  request.headers.add("X-CSRF-Token", token);
  EXPECT_TRUE(is_our_form(request, {}, key));
  http::Request wrong;
  wrong.headers.add("X-CSRF-Token", "x");
  EXPECT_FALSE(is_our_form(wrong, {.fields = {{"csrf", token}}}, key)) << "a wrong header is not passed over";
}

TEST(Forgery, AWayOutIsNoWay) {
  for (const char* within : {"/", "/settings", "/settings/team?x=1&y=%2F%2F", "/revenue/5#top", "/a//b", "/a:b@c"})
    EXPECT_EQ(local_path(within, "/home"), within);
  for (const char* outside :
       {"", "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example", "https://evil.example", "evil",
        "javascript:alert(1)", "/\t/evil.example", "/x\r\nLocation: y", " /x", "/x y", "/\x7F", "/\xC3\xA9"})
    EXPECT_EQ(local_path(outside, "/home"), "/home") << outside;
  EXPECT_EQ(local_path("/" + std::string(2'000, 'x'), "/home"), "/home");
}

}  // namespace
}  // namespace epay::pages
