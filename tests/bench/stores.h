// Stores to measure on: files of their own, with merchants and their endpoints.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/accounts.h"
#include "base/ids.h"

namespace epay::bench {

// The path of a store that is not there yet: what an earlier run has left under this name is removed.
std::string fresh_store(const std::string& directory, const std::string& name);

struct NewMerchants {
  int count = 0;
  int endpoints_each = 1;
  // The URL of the n-th endpoint of all, from 0. It must be in 127.0.0.0/8.
  std::function<std::string(int)> url_of;
  std::string password;  // of their owners, shopN@example.com; empty: nobody can log in
};

struct Merchant {
  app::Account account;
  std::vector<EndpointId> endpoints;  // in the order in which they were numbered for url_of
};

std::vector<Merchant> open_merchants(const std::string& path, const NewMerchants& wanted);

std::vector<app::Account> accounts_of(const std::vector<Merchant>& merchants);
std::vector<MerchantId> ids_of(const std::vector<Merchant>& merchants);

}  // namespace epay::bench
