// Seals everything in a store under another master key.
#pragma once

#include "base/crypto.h"
#include "base/result.h"
#include "db/database.h"
#include "runtime/random.h"

namespace epay::app {

// How many boxes were sealed anew. Under both keys at once nothing can be: a store whose boxes open with `to` already
// is left as it is. Error: unavailable (a box opens with neither), and nothing may stand of it then.
// The mark of the store's key is `to`'s then, which is kept in the file `key_path`.
Result<std::int64_t> reseal(db::Transaction& tx, const Vault& from, const Vault& to, Random& random,
                            const std::string& key_path);

}  // namespace epay::app
