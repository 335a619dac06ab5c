#include "pages/inline_script.h"

#include <gtest/gtest.h>

#include "pages/assets.h"
#include "simulation/run_task.h"
#include "simulation/sim_clock.h"

namespace epay::pages {
namespace {

// Compressed; merchants' pages load it on slow networks (docs/embedding.md).
constexpr std::size_t size_max = 5 * 1024;

http::Response get(std::string accepted, std::string tag = "") {
  simulation::SimClock clock;
  http::Router router;
  add_inline_script(router);
  http::Request request;
  request.method = "GET";
  request.path = "/js/inline.js";
  request.headers.add("Accept-Encoding", std::move(accepted));
  if (!tag.empty()) request.headers.add("If-None-Match", std::move(tag));
  return simulation::run_task(clock, router.answer(request));
}

TEST(InlineScript, IsSmall) {
  const auto response = get("gzip");
  EXPECT_EQ(response.headers.get("content-encoding"), "gzip");
  EXPECT_LE(response.body.size(), size_max);
  EXPECT_LT(get("br").body.size(), response.body.size());
  EXPECT_EQ(get("").body, asset_text("inline.js"));
}

TEST(InlineScript, IsCachedForAWhileOnly) {
  const auto response = get("");
  EXPECT_EQ(response.headers.get("content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(response.headers.get("cache-control"), "public, max-age=300, stale-while-revalidate=86400");
  EXPECT_EQ(response.headers.get("vary"), "Accept-Encoding");
  EXPECT_EQ(response.headers.get("access-control-allow-origin"), "*");
  EXPECT_EQ(response.headers.get("cross-origin-resource-policy"), "cross-origin");
}

TEST(InlineScript, IsNotSentAgainToWhoHasIt) {
  const std::string tag(get("gzip").headers.get("etag"));
  EXPECT_TRUE(tag.starts_with("W/\""));
  for (const std::string& sent : {tag, "\"other\", " + tag}) {
    const auto response = get("gzip", sent);
    EXPECT_EQ(response.status, 304) << sent;
    EXPECT_TRUE(response.body.empty()) << sent;
    EXPECT_EQ(response.headers.get("etag"), tag);
  }
  EXPECT_EQ(get("gzip", "W/\"other\"").status, 200);
}

}  // namespace
}  // namespace epay::pages
