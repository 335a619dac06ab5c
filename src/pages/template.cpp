#include "pages/template.h"

#include <kainjow/mustache.hpp>
#include <map>

#include "base/check.h"
#include "pages/embedded.h"

namespace epay::pages {
namespace {

using kainjow::mustache::data;
using kainjow::mustache::mustache;

data to_data(const View& view) {
  data object(data::type::object);
  for (const auto& [name, value] : view.members()) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      // An empty text is nothing: its section is not shown.
      object.set(name, text->empty() ? data(false) : data(*text));
    } else if (const bool* shown = std::get_if<bool>(&value)) {
      object.set(name, data(*shown));
    } else if (const auto* part = std::get_if<std::shared_ptr<const View>>(&value)) {
      object.set(name, to_data(**part));
    } else {
      data list(data::type::list);
      for (const View& one : std::get<std::vector<View>>(value)) list << to_data(one);
      object.set(name, list);
    }
  }
  return object;
}

// {"t": {"section": {"key": "text"}}}
const data& data_of(const Texts& texts) {
  static std::map<const Texts*, data> all;
  const auto [known, is_new] = all.try_emplace(&texts, data::type::object);
  if (is_new) {
    View tree;
    std::map<std::string, View> sections;
    for (const auto& [key, text] : texts.all()) {
      const std::size_t dot = key.find('.');
      EPAY_CHECK(dot != std::string::npos);
      sections[key.substr(0, dot)].set(key.substr(dot + 1), text);
    }
    for (auto& [name, section] : sections) tree.set(name, std::move(section));
    known->second.set("t", to_data(tree));
  }
  return known->second;
}

mustache& template_of(std::string_view name) {
  static std::map<std::string, mustache, std::less<>> all = [] {
    std::map<std::string, mustache, std::less<>> parsed;
    for (const EmbeddedText& one : templates()) {
      mustache made{std::string(one.text)};
      EPAY_CHECK(made.is_valid());
      parsed.emplace(one.name, std::move(made));
    }
    return parsed;
  }();
  const auto found = all.find(name);
  EPAY_CHECK(found != all.end());
  return found->second;
}

}  // namespace

std::string render(std::string_view template_name, const View& view, const Texts& texts) {
  const data filled = to_data(view);
  kainjow::mustache::context<std::string> context(&data_of(texts));
  context.push(&filled);
  std::string page;
  mustache& parsed = template_of(template_name);
  page = parsed.render(context);
  EPAY_CHECK(parsed.is_valid());
  return page;
}

}  // namespace epay::pages
