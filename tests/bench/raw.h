// The limit that the store sets: the same statements as a payment's, in the same groups, on the same disk, and nothing
// else.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "bench/stores.h"

namespace epay::bench {

struct RawResult {
  double payments_per_second = 0;
};

// `callers` payments under way at once, each three writes one after the other: opened, settled, delivery recorded.
RawResult run_raw(const Store& store, const std::vector<MerchantId>& merchants, int callers, std::int64_t payments,
                  const std::string& tag);

}  // namespace epay::bench
