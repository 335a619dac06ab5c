// MTN's numbers for tests (RAILS §1.9).
#pragma once

#include <optional>
#include <string_view>

#include "emulators/order.h"
#include "emulators/switches.h"

namespace epay::emulators::mtn {

// Of an order with one of the sandbox's numbers (46733123xxx), or of ours, which mean the same here; of a refund, by
// the reference that it names.
std::optional<Scenario> published_scenario(const Order& order, const Switches& switches);

// What asking after an account holder brings: 200 and whether it is active, or an error.
struct HolderAnswer {
  int status = 200;
  bool is_active = true;
  std::string_view code;
};
HolderAnswer holder_answer(std::string_view type, std::string_view id);

}  // namespace epay::emulators::mtn
