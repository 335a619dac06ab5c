// How often customers may try.
#pragma once

#include <cstddef>

namespace epay::pages {

struct CheckoutOptions {
  // How many attempts one address may begin in ten minutes (many customers share one). 0: any number.
  std::size_t attempts_per_address = 300;
};

}  // namespace epay::pages
