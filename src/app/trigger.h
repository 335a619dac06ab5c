// epay trigger: makes a test event happen through the service's real pipeline, for a developer who wants to see it
// arrive.
#pragma once

#include <cstdint>
#include <string>

#include "app/api_client.h"

namespace epay::app {

inline constexpr std::int64_t trigger_count_max = 10'000;

struct TriggerConfig {
  ApiConfig api;
  std::string event;
  std::int64_t count = 1;
  bool list = false;  // the catalogue instead
  bool json = false;
};
int trigger(const TriggerConfig& config);

}  // namespace epay::app
