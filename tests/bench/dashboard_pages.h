// The dashboard's pages over HTTP, asked for by somebody who is signed in.
#pragma once

#include <cstdint>
#include <string>

#include "bench/stores.h"

namespace epay::bench {

struct PagesPlan {
  std::string binary;
  Store store;
  std::string email, password;  // of the merchant's owner
  std::int64_t stored = 0;
  int rounds = 0;  // of each page
};

// Prints each page's times. Gives how many have a p99 over 100 ms.
int run_dashboard_pages(const PagesPlan& plan);

}  // namespace epay::bench
