// The limit that PostgreSQL's own benchmark finds: pgbench with the statements of a payment, one payment a transaction.
#pragma once

#include <string>

#include "bench/stores.h"

namespace epay::bench {

struct PgbenchPlan {
  Store store;      // whose merchants are numbered from 1, each with one endpoint of the same number
  int clients = 0;  // at once, each with a merchant of its own: none waits for another
  int seconds = 0;  // that it runs
};

// Makes the customers that the script pays as.
void prepare_pgbench(const PgbenchPlan& plan);
// Payments a second. Fails the run when pgbench cannot be started or a transaction fails.
double run_pgbench(const PgbenchPlan& plan);
// What an autovacuum does about a minute after a store has begun to grow: without figures the planner guesses.
void analyze_store(const Store& store);

}  // namespace epay::bench
