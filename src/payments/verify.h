// Holds the payments against the books.
#pragma once

#include <string>
#include <vector>

#include "db/database.h"

namespace epay::payments {

// One sentence for each payment or payout whose ledger entries are not what its status says. Empty: they agree.
std::vector<std::string> verify(db::Transaction& tx);

}  // namespace epay::payments
