// `epay merchant fees`: what a merchant pays for moving money.
#pragma once

#include <cstdint>
#include <string>

#include "app/config.h"

namespace epay::app {

struct FeeConfig {
  StoreConfig store;
  std::int64_t merchant_id = 0;
  std::string kind = "payment", rail, currency = "GHS", bearer = "merchant";
  std::string percent = "0", fixed = "0", least = "0", most;
  bool json = false;
};
int fees_list(const FeeConfig& config);
int fees_set(const FeeConfig& config);
int fees_remove(const FeeConfig& config);
// Of payments that no rule is for.
int fees_default(const FeeConfig& config);

}  // namespace epay::app
