#include "pages/inline_script.h"

#include "pages/assets.h"

namespace epay::pages {
namespace {

constexpr std::string_view name = "inline.js";
// Its address is fixed, so a new version has to reach every merchant's page soon; until then the old one is used while
// the new one is fetched.
constexpr const char* cached_for_a_while = "public, max-age=300, stale-while-revalidate=86400";

// Weak, since it is the same for each content coding (RFC 9110 §8.8.3.3).
std::string entity_tag() { return "W/\"" + std::string(asset_url(name)) + "\""; }

Task<http::Response> show_script(http::Request& request) {
  auto response = asset_response(request, name);
  response.headers.add("Cache-Control", cached_for_a_while);
  response.headers.add("ETag", entity_tag());
  // Pages that isolate themselves (Cross-Origin-Embedder-Policy) may load it, and as a module, or with `crossorigin`.
  response.headers.add("Access-Control-Allow-Origin", "*");
  response.headers.add("Cross-Origin-Resource-Policy", "cross-origin");
  if (request.headers.get("If-None-Match").contains(entity_tag())) {
    response.status = 304;
    response.body.clear();
  }
  co_return response;
}

}  // namespace

void add_inline_script(http::Router& router) { router.add("GET", "/js/inline.js", show_script); }

}  // namespace epay::pages
