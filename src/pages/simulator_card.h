// The simulator's card page: what a bank's page is to a real card payment. Test mode only.
#pragma once

#include "http/router.h"
#include "rails/simulator/simulator.h"
#include "runtime/random.h"

namespace epay::pages {

// GET and POST /simulator/cards/{reference}
void add_simulator_card(http::Router& router, rails::simulator::Simulator& simulator, Random& random);

}  // namespace epay::pages
