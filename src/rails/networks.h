// The mobile money networks that the wire names, and today's name of each.
#pragma once

#include <optional>
#include <string_view>

namespace epay::rails {

struct Network {
  std::string_view wire_name;  // as merchants send it
  std::string_view name;       // as rails are told: "mtn", "telecel", "airteltigo"
  bool needs_voucher;          // the customer types a voucher before paying
};

std::optional<Network> find_network(std::string_view wire_name);

}  // namespace epay::rails
