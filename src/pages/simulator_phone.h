// The customer's telephone in test mode: payments to its number wait for whoever opens the page. Works without
// JavaScript.
#pragma once

#include "http/router.h"
#include "rails/simulator/simulator.h"
#include "runtime/clock.h"
#include "runtime/random.h"

namespace epay::pages {

// GET /simulator/phone; GET and POST /simulator/phone/{number}; GET …/state, …/qr.svg and …/qr.png
void add_simulator_phone(http::Router& router, rails::simulator::Simulator& simulator, Clock& clock, Random& random);

}  // namespace epay::pages
