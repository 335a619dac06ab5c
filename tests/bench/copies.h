// A store grown quickly: what its payments left behind, copied inside of it by its own statements.
#pragma once

#include <cstdint>

#include "bench/stores.h"

namespace epay::bench {

// Every payment of the store `times` more, with numbers and references of its own, its attempts, transfers, events and
// deliveries. Totals and balances grow with them; what a transfer notes of the balance then is not made anew, so that
// `epay verify` would find it.
void store_copies(const Store& store, std::int64_t times);

}  // namespace epay::bench
