// MTN MoMo's Open API (RAILS §1): provisioning, tokens, Collection and Disbursement, as sandbox and as production.
#pragma once

#include <memory>
#include <vector>

#include "emulators/engine.h"

namespace epay::emulators::mtn {

std::vector<SwitchRule> switches();
std::unique_ptr<Vendor> make(Engine& engine);

}  // namespace epay::emulators::mtn
