#include "pages/page.h"

#include <algorithm>

#include "base/crypto.h"
#include "http/gzip.h"
#include "pages/embedded.h"
#include "pages/template.h"

namespace epay::pages {
namespace {

constexpr std::size_t nonce_bytes = 16;

std::string listed(const std::vector<std::string>& sources) {
  std::string text;
  for (const std::string& source : sources) text += " " + source;
  return text;
}

std::string policy_of(const PageOptions& options, const std::string& nonce) {
  const std::string ours = " 'nonce-" + nonce + "'";
  return "default-src 'none'; script-src" + ours + "; style-src" + ours +
         "; img-src 'self' data:" + listed(options.image_sources) + "; connect-src 'self'; form-action 'self'" +
         listed(options.form_actions) + (options.frames_ours ? "; frame-src 'self'" : "") +
         "; base-uri 'none'; frame-ancestors " + options.frame_ancestors;
}

}  // namespace

http::Response render_page(const http::Request& request, std::string_view template_name, View view, const Texts& texts,
                           Random& random, PageOptions options) {
  const std::string nonce = base64_encode(random.bytes(nonce_bytes));
  View files;
  for (const Asset& asset : assets()) {
    std::string name(asset.name);
    std::ranges::replace(name, '.', '_');
    files.set(std::move(name), asset.url);
  }
  view.set("nonce", nonce).set("language", texts.language()).set("assets", std::move(files));
  std::string page = render(template_name, view, texts);
  if (!options.frame.empty()) page = render(options.frame, view.set("content", std::move(page)), texts);
  auto response = http::Response::html(options.status, std::move(page));
  response.headers.add("Content-Security-Policy", policy_of(options, nonce));
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Referrer-Policy", "same-origin");
  response.headers.add("Content-Language", std::string(texts.language()));
  http::compress(request, response);
  return response;
}

http::Response see_other(std::string location) {
  http::Response response;
  response.status = 303;
  response.headers.add("Location", std::move(location));
  response.headers.add("Cache-Control", "no-store");
  return response;
}

}  // namespace epay::pages
