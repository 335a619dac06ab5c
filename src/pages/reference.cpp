#include "pages/reference.h"

#include <string>
#include <string_view>

namespace epay::pages {
namespace {

// clang-format does not know #embed, and would put a blank into the name.
// clang-format off
constexpr char page[] = {
#embed <docs.html>
};
constexpr char document[] = {
#embed <openapi.yaml>
};
// clang-format on

constexpr const char* cached_for_a_while = "public, max-age=300";

Task<http::Response> show_page(http::Request&) {
  auto response = http::Response::html(200, {page, sizeof page});
  // No script, nothing from elsewhere.
  response.headers.add("Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
                       "frame-ancestors 'none'");
  response.headers.add("Cache-Control", cached_for_a_while);
  co_return response;
}

Task<http::Response> show_document(http::Request&) {
  http::Response response;
  response.headers.add("Content-Type", "application/yaml; charset=utf-8");
  response.headers.add("Cache-Control", cached_for_a_while);
  // Tools that run in a browser may read it.
  response.headers.add("Access-Control-Allow-Origin", "*");
  response.body.assign(document, sizeof document);
  co_return response;
}

}  // namespace

void add_reference(http::Router& router) {
  router.add("GET", "/docs", show_page);
  router.add("GET", "/openapi.yaml", show_document);
}

}  // namespace epay::pages
