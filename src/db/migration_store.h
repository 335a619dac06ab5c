// The store's own record of its schema's steps, on both stores.
#pragma once

#include "db/database.h"

namespace epay::db::store {

inline constexpr Sql select_version{"SELECT coalesce(max(version), 0) FROM schema_migrations"};
inline constexpr Sql insert_migration{
    "INSERT INTO schema_migrations (version, name, applied_at, older_may_run) VALUES ($1, $2, $3, $4)"};
// The first step beyond $1 that a binary must know to use the store.
inline constexpr Sql select_first_to_know{
    "SELECT min(version) FROM schema_migrations WHERE version > $1 AND older_may_run = 0"};

}  // namespace epay::db::store
