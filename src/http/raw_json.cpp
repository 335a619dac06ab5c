#include "http/raw_json.h"

#include <string>

namespace epay::http {
namespace {

constexpr std::string_view blanks = " \t\r\n";

// Walks over a well-formed text; over another it stops early, and at its end at the latest.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // Whether this character comes next, after blanks; it is then passed.
  bool take(char wanted) {
    at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size());
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  // What stands between the quotes, as it is written.
  std::optional<std::string_view> take_string() {
    if (!take('"')) return std::nullopt;
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) return std::nullopt;
    return text_.substr(begin, at_++ - begin);
  }
  std::string_view take_value() {
    at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size());
    const std::size_t begin = at_;
    int depth = 0;
    do {
      if (at_ >= text_.size()) break;
      const char c = text_[at_];
      if (c == '"') {
        if (!take_string()) at_ = text_.size();
      } else if (c == '{' || c == '[') {
        ++depth, ++at_;
      } else if (c == '}' || c == ']') {
        --depth, ++at_;
      } else if (depth > 0) {
        ++at_;
      } else {
        at_ = std::min(text_.find_first_of(",}] \t\r\n", at_), text_.size());
      }
    } while (depth > 0);
    return text_.substr(begin, at_ - begin);
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::string_view> raw_member(std::string_view document, std::string_view key) {
  Scanner scanner(document);
  std::optional<std::string_view> found;
  if (!scanner.take('{')) return found;
  do {
    const auto name = scanner.take_string();
    if (!name || !scanner.take(':')) return found;
    const std::string_view value = scanner.take_value();
    if (*name == key) found = value;
  } while (scanner.take(','));
  return found;
}

}  // namespace epay::http
