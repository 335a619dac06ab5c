// What a template is filled with.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace epay::pages {

// Names and what stands for them in a mustache template. A name that is not set is nothing: an empty text, a section
// that is not shown.
class View {
 public:
  // {{name}}, escaped by the template; or {{#name}}…{{/name}}, shown unless it is empty.
  View& set(std::string name, std::string text);
  View& set(std::string name, std::string_view text) { return set(std::move(name), std::string(text)); }
  View& set(std::string name, const char* text) { return set(std::move(name), std::string(text)); }
  // {{#name}}…{{/name}} or {{^name}}…{{/name}}
  View& set(std::string name, bool shown);
  // {{#name}}…{{/name}} once, with the part's names; or {{name.inner}}
  View& set(std::string name, View part);
  // {{#name}}…{{/name}} once for each
  View& set(std::string name, std::vector<View> list);

  using Value = std::variant<std::string, bool, std::vector<View>, std::shared_ptr<const View>>;
  const std::vector<std::pair<std::string, Value>>& members() const { return members_; }

 private:
  View& put(std::string name, Value value);

  std::vector<std::pair<std::string, Value>> members_;
};

}  // namespace epay::pages
