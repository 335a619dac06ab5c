#include "simulation/sim_verb.h"

namespace epay::simulation {

int run_seeds(const SimConfig&) { return 2; }

}  // namespace epay::simulation
