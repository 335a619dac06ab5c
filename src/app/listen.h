// epay listen: a developer's webhook tunnel. Works on any machine, and needs no store.
#pragma once

#include <string>
#include <vector>

#include "app/api_client.h"

namespace epay::app {

struct ListenConfig {
  ApiConfig api;
  std::string forward_to;
  std::vector<std::string> types;
  std::string after;   // a number or "now"; empty: where the last run ended, or else now
  std::string secret;  // "whsec_…"; empty: the state file's, or else a new one
  std::string state_file;
  bool strict = false;
  bool json = false;
  bool print_body = false;
};
int listen(const ListenConfig& config);

}  // namespace epay::app
