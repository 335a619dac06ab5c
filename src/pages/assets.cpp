#include "pages/assets.h"

#include <algorithm>

#include "base/check.h"
#include "http/gzip.h"
#include "pages/embedded.h"

namespace epay::pages {
namespace {

const Asset& asset_of(std::string_view name) {
  const auto found = std::ranges::find(assets(), name, &Asset::name);
  EPAY_CHECK(found != assets().end());
  return *found;
}

// Its address changes with its content.
constexpr const char* cached_for_ever = "public, max-age=31536000, immutable";

http::Response encoded(const http::Request& request, const Asset& asset) {
  http::Response response;
  response.headers.add("Content-Type", std::string(asset.content_type));
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Vary", "Accept-Encoding");
  if (http::accepts_encoding(request, "br")) {
    response.headers.add("Content-Encoding", "br");
    response.body = asset.brotli;
  } else if (http::accepts_encoding(request, "gzip")) {
    response.headers.add("Content-Encoding", "gzip");
    response.body = asset.gzip;
  } else {
    response.body = asset.text;
  }
  return response;
}

Task<http::Response> show_asset(http::Request& request) {
  const auto found = std::ranges::find(assets(), std::string_view(request.path), &Asset::url);
  if (found == assets().end()) co_return http::Response::text(404, "There is nothing at this address.\n");
  auto response = encoded(request, *found);
  response.headers.add("Cache-Control", cached_for_ever);
  co_return response;
}

// What browsers ask for on their own.
Task<http::Response> show_icon(http::Request& request) {
  auto response = encoded(request, asset_of("icon.svg"));
  response.headers.add("Cache-Control", "public, max-age=86400");
  co_return response;
}

}  // namespace

std::string_view asset_url(std::string_view name) { return asset_of(name).url; }
std::string_view asset_text(std::string_view name) { return asset_of(name).text; }

http::Response asset_response(const http::Request& request, std::string_view name) {
  return encoded(request, asset_of(name));
}

void add_assets(http::Router& router) {
  router.add("GET", "/assets/{file}", show_asset);
  router.add("GET", "/favicon.ico", show_icon);
}

}  // namespace epay::pages
