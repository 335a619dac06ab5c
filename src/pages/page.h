// Pages as responses: a template, its texts, and headers that let a browser do only what the page needs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "pages/texts.h"
#include "pages/view.h"
#include "runtime/random.h"

namespace epay::pages {

struct PageOptions {
  int status = 200;
  std::string_view frame;  // a template around the page's own, which stands at its {{{content}}}; empty: none
  std::string frame_ancestors = "'none'";  // of the Content-Security-Policy: who may show the page in a frame
  std::vector<std::string> form_actions;   // origins that forms may lead to, besides our own
  std::vector<std::string> image_sources;  // where images may come from, besides here and data:
  bool frames_ours = false;                // whether it shows pages of ours in frames
};

// Sets {{nonce}} (for <script nonce>, <style nonce>, <link nonce>), {{language}}, {{assets.dashboard_css}} and so on
// (addresses), and the texts at {{t.section.key}}; a Content-Security-Policy that
// runs nothing without that nonce and loads nothing from elsewhere; never stored by caches; compressed where accepted.
http::Response render_page(const http::Request& request, std::string_view template_name, View view, const Texts& texts,
                           Random& random, PageOptions options = {});

// 303: to the page by GET, so that a reload sends nothing again.
http::Response see_other(std::string location);

}  // namespace epay::pages
