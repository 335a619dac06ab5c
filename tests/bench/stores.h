// Stores to measure on: a file or a PostgreSQL schema of their own, with merchants and their endpoints.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/accounts.h"
#include "base/ids.h"
#include "base/log.h"
#include "db/database.h"
#include "runtime/clock.h"

namespace epay::bench {

// Where stores are made.
struct Place {
  std::string directory = "build/bench";  // of files, keys and logs
  std::string server;                     // a database of a PostgreSQL server; empty: stores are files
};

struct Store {
  std::string address;   // as --database takes it
  std::string key_file;  // as --master-key-file takes it
  std::string log_path;  // what `serve` prints on it
};

// The store of this name, whether it is there or not.
Store store_at(const Place& place, const std::string& name);
// The same, and what an earlier run has left under this name is removed.
Store fresh_store(const Place& place, const std::string& name);
// Fails the run when it cannot be opened.
std::unique_ptr<db::Database> open_store(Clock& clock, Log& log, const Store& store);

struct NewMerchants {
  int count = 0;
  int endpoints_each = 1;
  int first = 0;  // the number of the first, by which it is called
  // The URL of the n-th endpoint of all, from 0. It must be in 127.0.0.0/8.
  std::function<std::string(int)> url_of;
  std::string password;  // of their owners, shopN@example.com; empty: nobody can log in
};

struct Merchant {
  app::Account account;
  std::vector<EndpointId> endpoints;  // in the order in which they were numbered for url_of
};

std::vector<Merchant> open_merchants(const Store& store, const NewMerchants& wanted);

std::vector<app::Account> accounts_of(const std::vector<Merchant>& merchants);
std::vector<MerchantId> ids_of(const std::vector<Merchant>& merchants);

}  // namespace epay::bench
