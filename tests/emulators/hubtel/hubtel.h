// Hubtel (RAILS §2.2): receiving and sending money, statuses, name checks, refunds. All of Hubtel's hosts at one
// address; their paths do not meet.
#pragma once

#include <memory>
#include <vector>

#include "emulators/engine.h"

namespace epay::emulators::hubtel {

std::vector<SwitchRule> switches();
std::unique_ptr<Vendor> make(Engine& engine);

}  // namespace epay::emulators::hubtel
