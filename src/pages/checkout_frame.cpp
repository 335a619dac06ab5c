#include "pages/checkout_frame.h"

#include <algorithm>

#include "base/utf8.h"
#include "pages/assets.h"

namespace epay::pages {
namespace {

constexpr std::size_t nonce_digits = 32;
constexpr std::size_t origin_max = 300;

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// Every language there is, and this page in it.
std::vector<View> language_links(const http::Request& request, const Texts& texts) {
  std::vector<View> links;
  std::string frame;
  if (const auto embedded = embedded_in(request)) {
    frame = "&embed=" + embedded->nonce + "&origin=" + http::percent_encode(embedded->origin);
  }
  for (const std::string_view name : language_names()) {
    if (name == texts.language()) continue;
    links.push_back(View()
                        .set("code", name)
                        .set("name", texts_of(name).at("common.language_name"))
                        .set("url", "?lang=" + std::string(name) + frame));
  }
  return links;
}

}  // namespace

std::optional<Embedded> embedded_in(const http::Request& request) {
  auto nonce = request.query_parameter("embed");
  auto origin = request.query_parameter("origin");
  if (!nonce || !origin || nonce->size() != nonce_digits || !is_hex(*nonce)) return std::nullopt;
  if (origin->size() > origin_max || !payments::is_origin(*origin)) return std::nullopt;
  return Embedded{*std::move(nonce), *std::move(origin)};
}

std::string kept_query(const http::Request& request) { return with_kept_query(request, ""); }

std::string with_kept_query(const http::Request& request, std::string path, std::string_view more) {
  std::string query(more);
  const auto add = [&query](std::string_view name, std::string_view value) {
    query += (query.empty() ? "" : "&") + std::string(name) + "=" + http::percent_encode(value);
  };
  if (const auto language = request.query_parameter("lang")) add("lang", texts_of(*language).language());
  if (const auto embedded = embedded_in(request)) {
    add("embed", embedded->nonce);
    add("origin", embedded->origin);
  }
  return query.empty() ? path : path + "?" + query;
}

std::string frame_ancestors_of(const std::optional<payments::PaymentPage>& page) {
  if (!page) return "*";
  switch (page->settings.embedding) {
    case payments::Embedding::nowhere: return "'none'";
    case payments::Embedding::anywhere: return "*";
    case payments::Embedding::listed: break;
  }
  std::string origins;
  for (const std::string& origin : page->settings.embed_origins) origins += (origins.empty() ? "" : " ") + origin;
  return origins;
}

std::string monogram_of(std::string_view name) {
  std::string letters;
  int words = 0;
  while (!name.empty() && words < 2) {
    const std::size_t blanks = std::min(name.find_first_not_of(' '), name.size());
    name.remove_prefix(blanks);
    if (name.empty()) break;
    letters += name.substr(0, std::max<std::size_t>(1, utf8_sequence_length(name)));
    ++words;
    name.remove_prefix(std::min(name.find(' '), name.size()));
  }
  return letters;
}

std::string wait_message(std::string_view key, microseconds wait, const Texts& texts) {
  const auto least = std::chrono::ceil<minutes>(wait).count();
  return texts.format(key, {{"minutes", std::to_string(std::max<std::int64_t>(1, least))}});
}

http::Response render_checkout(const http::Request& request, std::string_view template_name, View view,
                               const Texts& texts, Random& random, CheckoutFrame frame) {
  view.set("title", frame.title)
      .set("style", asset_text("checkout.css"))
      .set("script", frame.scripts ? asset_text("checkout.js") : std::string_view())
      .set("test_mode", frame.mode == Mode::test)
      .set("languages", language_links(request, texts))
      .set("query", kept_query(request));
  if (frame.refresh_after > 0) view.set("refresh", std::to_string(frame.refresh_after));
  if (const auto embedded = embedded_in(request)) {
    view.set("embed", View().set("nonce", embedded->nonce).set("origin", embedded->origin));
  }
  return render_page(request, template_name, std::move(view), texts, random,
                     {.status = frame.status, .frame_ancestors = std::move(frame.frame_ancestors)});
}

}  // namespace epay::pages
