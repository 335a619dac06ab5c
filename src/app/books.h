#pragma once

#include <string>
#include <vector>

#include "db/database.h"

namespace epay::app {

// Everything that is wrong with a store's books, a sentence each: balances against entries, days against payments.
std::vector<std::string> wrong_in_books(db::Transaction& tx);

}  // namespace epay::app
