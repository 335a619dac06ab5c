#include "pages/page.h"

#include <gtest/gtest.h>

#include "pages/assets.h"
#include "pages/problem.h"
#include "pages/template.h"
#include "simulation/run_task.h"
#include "simulation/sim_clock.h"
#include "simulation/sim_random.h"

namespace epay::pages {
namespace {

View problem(std::string title) {
  return View().set("status", "404").set("title", std::move(title)).set("text", "text");
}

TEST(Page, WhatPeopleWroteIsText) {
  const std::string page = render("problem", problem("<script>alert('\"&')</script>"), texts_of("en"));
  EXPECT_TRUE(page.contains("&lt;script&gt;alert(&apos;&quot;&amp;&apos;)&lt;/script&gt;")) << page;
  EXPECT_FALSE(page.contains("<script>alert")) << page;
}

TEST(Page, EveryTemplateIsWellFormedWithoutAnythingSet) {
  for (const std::string_view language : language_names())
    EXPECT_FALSE(render("problem", View(), texts_of(language)).empty());
}

TEST(Page, NothingRunsWithoutTheNonceOfTheResponse) {
  simulation::SimRandom random(1);
  http::Request request;
  const auto first = render_page(request, "problem", problem("t"), texts_of("en"), random);
  const auto second = render_page(request, "problem", problem("t"), texts_of("en"), random);
  const auto nonce_of = [](const http::Response& response) {
    const std::string_view policy = response.headers.get("content-security-policy");
    const std::size_t at = policy.find("'nonce-") + 7;
    return std::string(policy.substr(at, policy.find('\'', at) - at));
  };
  EXPECT_EQ(nonce_of(first).size(), 24u);
  EXPECT_NE(nonce_of(first), nonce_of(second));
  EXPECT_EQ(
      first.headers.get("content-security-policy"),
      "default-src 'none'; script-src 'nonce-" + nonce_of(first) + "'; style-src 'nonce-" + nonce_of(first) +
          "'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
  EXPECT_EQ(first.headers.get("cache-control"), "no-store");
}

TEST(Page, IsCompressedWhereThatIsTaken) {
  simulation::SimRandom random(1);
  struct Case {
    const char* accepted;
    bool compressed;
  };
  for (const auto& [accepted, compressed] :
       {Case{"", false}, Case{"gzip", true}, Case{"br, GZIP;q=0.5", true}, Case{"gzip;q=0", false},
        Case{"gzip;q=0.0, br", false}, Case{"x-gzip", false}}) {
    http::Request request;
    request.headers.add("Accept-Encoding", accepted);
    const auto response = render_page(request, "problem", problem(std::string(5'000, 'x')), texts_of("en"), random);
    EXPECT_EQ(response.headers.get("content-encoding") == "gzip", compressed) << accepted;
    EXPECT_EQ(response.headers.get("vary"), "Accept-Encoding");
    EXPECT_EQ(response.body.size() < 2'000, compressed) << accepted;
  }
}

TEST(Page, AProblemIsShownToBrowsersOnly) {
  simulation::SimRandom random(1);
  http::Request request;
  request.path = "/nowhere";
  EXPECT_FALSE(wants_page(request));
  request.headers.add("Accept", "text/html,application/xhtml+xml");
  EXPECT_TRUE(wants_page(request));
  const auto response = show_problem(request, 405, "GET, POST", random);
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.get("allow"), "GET, POST");
  request.path = "/api/v1/nowhere";
  EXPECT_FALSE(wants_page(request));
}

TEST(Assets, AreServedAsTheClientTakesThemAndKeptForEver) {
  simulation::SimClock clock;
  http::Router router;
  add_assets(router);
  const auto get = [&](std::string_view path, const char* accepted) {
    http::Request request;
    request.method = "GET";
    request.path = path;
    request.headers.add("Accept-Encoding", accepted);
    return simulation::run_task(clock, router.answer(request));
  };
  const std::string_view url = asset_url("dashboard.css");
  const auto plain = get(url, ""), gzip = get(url, "gzip"), brotli = get(url, "gzip, br");
  EXPECT_EQ(plain.body, asset_text("dashboard.css"));
  EXPECT_EQ(gzip.headers.get("content-encoding"), "gzip");
  EXPECT_EQ(brotli.headers.get("content-encoding"), "br");
  EXPECT_LT(brotli.body.size(), gzip.body.size());
  EXPECT_LT(gzip.body.size(), plain.body.size());
  EXPECT_EQ(plain.headers.get("cache-control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(get("/assets/dashboard.000000000000.css", "").status, 404);
  EXPECT_EQ(get("/favicon.ico", "").headers.get("content-type"), "image/svg+xml");
}

}  // namespace
}  // namespace epay::pages
