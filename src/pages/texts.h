// The words of the pages, in every language there is a file for in web/texts.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"

namespace epay::pages {

class Texts {
 public:
  // `json`: {"section": {"key": "text", …}, …}, as deep as one likes; checked when the program was built.
  Texts(std::string_view language, std::string_view json);

  std::string_view language() const { return language_; }
  // "checkout.pay_now". A key that does not exist is a mistake of ours.
  std::string_view at(std::string_view key) const;
  bool has(std::string_view key) const { return texts_.contains(key); }
  // The same with "{name}" replaced by what stands for the name.
  std::string format(std::string_view key,
                     std::initializer_list<std::pair<std::string_view, std::string_view>> placeholders) const;

  const std::map<std::string, std::string, std::less<>>& all() const { return texts_; }

 private:
  std::string language_;
  std::map<std::string, std::string, std::less<>> texts_;
};

inline constexpr std::string_view language_cookie = "epay_language";

std::vector<std::string_view> language_names();  // "en", "fr"
// English where there is no such language.
const Texts& texts_of(std::string_view language);
// As the request asks: ?lang=, the cookie of an earlier choice, Accept-Language.
const Texts& texts_for(const http::Request& request);

}  // namespace epay::pages
