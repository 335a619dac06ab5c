#include "rails/networks.h"

#include <iterator>

namespace epay::rails {
namespace {

// Vodafone Cash became Telecel Cash in 2024; Airtel and Tigo merged into AirtelTigo.
constexpr Network networks[] = {
    {"mtn", "mtn", false},           {"vodafone", "telecel", true}, {"telecel", "telecel", true},
    {"airtel", "airteltigo", false}, {"tigo", "airteltigo", false}, {"airteltigo", "airteltigo", false},
};

}  // namespace

std::optional<Network> find_network(std::string_view wire_name) {
  for (const Network& network : networks) {
    if (network.wire_name == wire_name) return network;
  }
  return std::nullopt;
}

}  // namespace epay::rails
