// The banks that money can be sent to, by our own codes, and what each rail calls them. An operator may replace the
// list (--banks-file): rails change theirs.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace epay::rails {

struct Bank {
  std::string code;                                          // ours: 2 to 20 lower-case letters and digits
  std::string name;                                          // for people
  std::map<std::string, std::string, std::less<>> at_rails;  // its code there, by the rail's name
};

class Banks {
 public:
  // Those of data/banks.json.
  static Banks embedded();
  // An array of {"code", "name", and for each rail that serves it its name with its code there}. Error: invalid, which
  // says what is wrong.
  static Result<Banks> parse(std::string_view json);

  std::span<const Bank> all() const { return banks_; }
  const Bank* find(std::string_view code) const;
  // What the rail calls it; nothing where it does not serve it. The simulator serves all by our codes.
  std::optional<std::string> code_at(std::string_view code, std::string_view rail) const;

 private:
  std::vector<Bank> banks_;  // in the order of their names
};

}  // namespace epay::rails
