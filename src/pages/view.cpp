#include "pages/view.h"

namespace epay::pages {

View& View::put(std::string name, Value value) {
  for (auto& [known, old] : members_) {
    if (known == name) {
      old = std::move(value);
      return *this;
    }
  }
  members_.emplace_back(std::move(name), std::move(value));
  return *this;
}

View& View::set(std::string name, std::string text) { return put(std::move(name), std::move(text)); }
View& View::set(std::string name, bool shown) { return put(std::move(name), shown); }
View& View::set(std::string name, View part) {
  return put(std::move(name), std::make_shared<const View>(std::move(part)));
}
View& View::set(std::string name, std::vector<View> list) { return put(std::move(name), std::move(list)); }

}  // namespace epay::pages
