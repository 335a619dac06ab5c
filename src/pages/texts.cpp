#include "pages/texts.h"

#include <algorithm>

#include "base/check.h"
#include "http/json.h"
#include "pages/embedded.h"

namespace epay::pages {
namespace {

constexpr std::string_view default_language = "en";
constexpr std::size_t accepted_languages_max = 16;

void flatten(const http::Json& json, const std::string& prefix, std::map<std::string, std::string, std::less<>>& into) {
  if (json.kind == http::Json::Kind::string) {
    into.emplace(prefix, json.text);
    return;
  }
  for (const auto& [name, member] : json.members) flatten(member, prefix.empty() ? name : prefix + "." + name, into);
}

const Texts* find(std::string_view language) {
  static const std::vector<Texts> all = [] {
    std::vector<Texts> texts;
    for (const EmbeddedText& one : languages()) texts.emplace_back(one.name, one.text);
    return texts;
  }();
  for (const Texts& texts : all) {
    if (texts.language() == language) return &texts;
  }
  return nullptr;
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string_view cookie_of(const http::Request& request, std::string_view name) {
  std::string_view rest = request.headers.get("cookie");
  while (!rest.empty()) {
    const std::string_view pair = trim(rest.substr(0, rest.find(';')));
    const std::size_t semicolon = rest.find(';');
    rest.remove_prefix(semicolon == std::string_view::npos ? rest.size() : semicolon + 1);
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) return pair.substr(name.size() + 1);
  }
  return {};
}

// "0.8" in thousandths; 1000 where it says nothing.
int weight_of(std::string_view range) {
  const std::size_t at = range.find("q=");
  if (at == std::string_view::npos) return 1'000;
  const std::string_view text = range.substr(at + 2);
  int weight = text.starts_with('1') ? 1'000 : 0;
  int unit = 100;
  for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (digit < '0' || digit > '9') break;
    weight += (digit - '0') * unit;
    unit /= 10;
  }
  return weight;
}

// The best of "fr-CH, fr;q=0.9, en;q=0.8" that there are texts for (RFC 9110 §12.5.4).
const Texts* accepted(std::string_view header) {
  const Texts* best = nullptr;
  int best_weight = 0;
  for (std::size_t i = 0; i < accepted_languages_max && !header.empty(); ++i) {
    const std::size_t comma = header.find(',');
    const std::string_view range = trim(header.substr(0, comma));
    header.remove_prefix(comma == std::string_view::npos ? header.size() : comma + 1);
    const std::string_view tag = trim(range.substr(0, range.find(';')));
    const int weight = weight_of(range);
    const Texts* texts = find(tag.substr(0, tag.find('-')));
    if (texts != nullptr && weight > best_weight) {
      best = texts;
      best_weight = weight;
    }
  }
  return best;
}

}  // namespace

Texts::Texts(std::string_view language, std::string_view json) : language_(language) {
  const auto parsed = http::Json::parse(json);
  EPAY_CHECK(parsed.has_value());
  flatten(*parsed, "", texts_);
}

std::string_view Texts::at(std::string_view key) const {
  const auto found = texts_.find(key);
  EPAY_CHECK(found != texts_.end());
  return found->second;
}

std::string Texts::format(std::string_view key,
                          std::initializer_list<std::pair<std::string_view, std::string_view>> placeholders) const {
  std::string_view text = at(key);
  std::string result;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    result += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const std::size_t close = text.find('}');
    EPAY_CHECK(close != std::string_view::npos);
    const std::string_view name = text.substr(1, close - 1);
    for (const auto& [known, replacement] : placeholders) {
      if (known == name) result += replacement;
    }
    text.remove_prefix(close + 1);
  }
  return result;
}

std::vector<std::string_view> language_names() {
  std::vector<std::string_view> names;
  for (const EmbeddedText& one : languages()) names.push_back(one.name);
  return names;
}

const Texts& texts_of(std::string_view language) {
  const Texts* texts = find(language);
  if (texts == nullptr) texts = find(default_language);
  EPAY_CHECK(texts != nullptr);
  return *texts;
}

const Texts& texts_for(const http::Request& request) {
  if (const auto asked = request.query_parameter("lang")) {
    if (const Texts* texts = find(*asked)) return *texts;
  }
  if (const Texts* texts = find(cookie_of(request, language_cookie))) return *texts;
  if (const Texts* texts = accepted(request.headers.get("accept-language"))) return *texts;
  return texts_of(default_language);
}

}  // namespace epay::pages
