// How often customers may try.
#pragma once

#include <cstddef>

namespace epay::pages {

struct CheckoutOptions {
  // How many attempts one address may begin in ten minutes (many customers share one), and how many prompts one number
  // may get in that time. 0: any number.
  std::size_t attempts_per_address = 300;
  std::size_t prompts_per_number = 5;
};

}  // namespace epay::pages
