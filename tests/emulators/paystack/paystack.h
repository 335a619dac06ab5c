// Paystack (RAILS §2.1): charges with prompts and OTPs, the hosted checkout, transfers, refunds, signed webhooks.
#pragma once

#include <memory>
#include <vector>

#include "emulators/engine.h"

namespace epay::emulators::paystack {

std::vector<SwitchRule> switches();
std::unique_ptr<Vendor> make(Engine& engine);

}  // namespace epay::emulators::paystack
