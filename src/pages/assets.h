// Style sheets and scripts: compressed when the program was built, cached for ever.
#pragma once

#include <string_view>

#include "http/router.h"

namespace epay::pages {

// "/assets/dashboard.3f9a0c….css". An asset that does not exist is a mistake of ours.
std::string_view asset_url(std::string_view name);
// Its minified text, for pages that carry it within themselves.
std::string_view asset_text(std::string_view name);

// It, compressed as the client takes it. The caller says how long it may be cached.
http::Response asset_response(const http::Request& request, std::string_view name);

// GET /assets/{file} and /favicon.ico
void add_assets(http::Router& router);

}  // namespace epay::pages
