// The schema of a PostgreSQL store.
#pragma once

#include <span>
#include <string>

#include "db/migrations.h"
#include "db/postgres_session.h"

namespace epay::db {

// Whether a step that needs all processes stopped looks for them, or whoever migrates knows that they are.
enum class Others { looked_for, known_to_be_stopped };

// Brings it up to the last of `migrations`, each step in a transaction of its own; several processes may do so at once,
// and others may serve it meanwhile. A newer schema is left alone, and good where its steps are additive. Errors:
// unavailable (no server, one before PostgreSQL 15, no right, a schema with a step that must be known or another
// program's, processes that would have to be stopped), with the reason.
Result<> migrate(const PostgresOptions& options, std::span<const Migration> migrations, Timestamp now,
                 Others others = Others::looked_for);

// Error: unavailable while a move into the store is not finished.
Result<> check_whole(const PostgresOptions& options);

// A migration in PostgreSQL's words. Texts are compared byte by byte there too. What it alone does stands between
// "/*postgresql" and "*/".
std::string to_postgres(std::string_view text);

// Gives so many ids of the sequence: $1.
const Sql& next_ids(Sequence sequence);
// Leaves `count` numbers of every sequence out.
void skip_ids(Transaction& tx, std::int64_t count);

}  // namespace epay::db
