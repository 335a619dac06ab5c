// The mark of a store's master key. The first key that is used with a store seals a constant in it; whoever comes with
// another key (a second machine, a restored store) hears so at once, rather than when a secret does not open.
#pragma once

#include <optional>
#include <string>

#include "base/crypto.h"
#include "base/result.h"
#include "db/database.h"
#include "runtime/random.h"

namespace epay::app {

// What a store says of a key.
struct KeyFit {
  bool marked = false;
  // Whether the key opens the mark or, without one, a secret; nothing where nothing is sealed.
  std::optional<bool> opens;
  std::string kept_at;  // where the key was that marked the store: host and path
};
KeyFit fit_of(db::Transaction& tx, const Vault& vault);

// From now on the key is the store's.
void mark_key(db::Transaction& tx, const Vault& vault, Random& random, const std::string& kept_at);

// Unavailable: which file is to be copied to where.
Error not_the_stores(const KeyFit& fit, const std::string& key_path);

// Where a key file is, for people on other machines: host and path.
std::string place_of(const std::string& key_path);

// Marks a store that has no mark, when the key opens what it has. Errors: unavailable, not_the_stores().
Task<Result<>> check_key(db::Database& database, const Vault& vault, Random& random, std::string key_path);

}  // namespace epay::app
