// A parsed JSON document. Numbers keep their text, so that money is never a float on its way in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace epay::http {

class Json {
 public:
  enum class Kind { null, boolean, number, string, array, object };

  // One whole document, at most `depth_max` deep. Errors: invalid, with a message that names the byte where it went
  // wrong.
  static Result<Json> parse(std::string_view text);
  static constexpr std::size_t depth_max = 32;

  // Declared here because std::pair asks for them before Json is complete.
  Json();
  Json(const Json&);
  Json(Json&&) noexcept;
  Json& operator=(const Json&);
  Json& operator=(Json&&) noexcept;
  ~Json();

  Kind kind = Kind::null;
  bool truth = false;
  std::string text;  // a string's content, or a number exactly as it was written
  std::vector<Json> items;
  std::vector<std::pair<std::string, Json>> members;  // a repeated key keeps its last value

  const Json* find(std::string_view key) const;
};

}  // namespace epay::http
