// ./dev bench webhooks: how soon healthy endpoints hear of a payment while a share of the others misbehaves.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/stores.h"

namespace epay::bench {

struct WebhooksConfig {
  std::string binary;
  Place place;
  int endpoints = 100;
  std::vector<int> fan_outs{1, 10};        // endpoints of each merchant
  std::vector<int> shares{10, 50};         // percent of the endpoints that misbehave, each besides 0 %
  std::vector<std::string> kinds{"hang"};  // how
  std::int64_t per_second = 1'000;         // payments; each gives a webhook for every endpoint of its merchant
  std::int64_t seconds = 60;
  bool count_webhooks = false;               // per_second is of webhooks: with a fan-out, that many fewer payments
  int rounds = 1;                            // of everything, in turns; the figures are those of all rounds together
  std::vector<std::string> serve_arguments;  // besides the bench's own
};

void run_webhooks(const WebhooksConfig& config);

}  // namespace epay::bench
