// A statement and our books, side by side, and why they differ: to the last minor unit.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "reconciliation/reconcile.h"

namespace epay::reconciliation {

struct Sum {
  std::int64_t count = 0, minor = 0;
  void add(std::int64_t amount) {
    ++count;
    minor += amount;
  }
};

// Of one currency. Amounts are signed: what comes in is above zero.
struct Explanation {
  std::string currency;
  Sum theirs;                          // orders that succeeded, by the statement
  Sum ours;                            // entries of orders on the rail's clearing account within the statement's time
  std::map<Finding, Sum> differences;  // theirs without what ours has of the same lines; ours_only is below zero's side
  Sum booked_outside;                  // on the statement, and in our books before or after its time
  Sum on_other_statement;              // in our books within its time, and on another statement, or too near its ends
  Sum rail_fees, settlements, others;  // named by the statement, and of no order
  std::int64_t in_suspense_minor = 0;  // of this statement's lines, not resolved
  // What is left when everything named has been taken into account: 0, or something is wrong.
  std::int64_t unexplained_minor() const;
};

// Walks through all merchants' entries of the statement's time.
std::vector<Explanation> explain(db::Transaction& tx, const Statement& statement);

// The rail's clearing accounts of all merchants together: what the rail owes us by our books, by currency.
struct Clearing {
  std::string currency;
  std::int64_t minor = 0;
};
std::vector<Clearing> clearing_of(db::Transaction& tx, std::int64_t rail, Mode mode);

}  // namespace epay::reconciliation
