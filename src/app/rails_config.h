// The rails file (--rails-file): which rails are switched on, with what keys, and which of them take what.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "rails/banks.h"
#include "rails/rail_tools.h"
#include "rails/rails.h"

namespace epay::app {

struct RailsSettings {
  using Maker = std::function<std::unique_ptr<rails::Rail>(const rails::RailTools&)>;
  std::vector<Maker> makers;  // in the order of the file
  std::vector<rails::Route> routes;
};

// docs/rails.md tells what stands in it. Error: invalid, with every problem of the file on a line of its own.
Result<RailsSettings> parse_rails(const std::string& text);
// The file must be readable by its owner only: it has keys in it. Without a path there are no rails. Errors: invalid,
// unavailable.
Result<RailsSettings> load_rails(const std::string& path);
// The built-in list without a file. Errors: invalid, unavailable.
Result<rails::Banks> load_banks(const std::string& path);

}  // namespace epay::app
