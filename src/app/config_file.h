// A file of flags, one `name = value` a line, the same names as on the command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace epay::app {

struct ConfigLine {
  int number = 0;  // from 1
  std::string name, value;
};

// Empty lines and those that begin with # say nothing. Quotes around a whole value are not part of it. Error: invalid,
// naming the line.
Result<std::vector<ConfigLine>> parse_config(std::string_view text);

}  // namespace epay::app
