// Re-derives every balance from the entries.
#pragma once

#include <string>
#include <vector>

#include "db/database.h"

namespace epay::ledger {

// One sentence for each account whose stored balance is not the sum of its entries, or that is below zero and must not be.
// Empty: the books are right.
std::vector<std::string> verify(db::Transaction& tx);

}  // namespace epay::ledger
