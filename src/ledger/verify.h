// Re-derives every balance from the entries.
#pragma once

#include <string>
#include <vector>

#include "db/database.h"

namespace epay::ledger {

// One sentence for each account whose stored totals are not the sums of its entries, or that is below zero and must not
// be, and for each entry between accounts that its reason does not allow. Empty: the books are right. Reads merchant by
// merchant, one entry at a time, and stops after the merchant that brings the sentences to differences_max.
inline constexpr std::size_t differences_max = 1'000;
std::vector<std::string> verify(db::Transaction& tx);

}  // namespace epay::ledger
