// Mastercard's gateway (RAILS §3.1): hosted checkout with a page of its own, orders and their transactions,
// notifications, refunds and voids. Purchases alone.
#pragma once

#include <memory>
#include <vector>

#include "emulators/engine.h"

namespace epay::emulators::mpgs {

std::vector<SwitchRule> switches();
std::unique_ptr<Vendor> make(Engine& engine);

}  // namespace epay::emulators::mpgs
