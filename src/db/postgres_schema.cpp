#include "db/postgres_schema.h"

#include <libpq-fe.h>

#include "base/check.h"
#include "db/migration_store.h"

namespace epay::db {
namespace {

constexpr std::int64_t oldest_server = 150'000;

// Any number that no lane has: two processes bring the schema up to date one after the other.
constexpr Sql lock_schema{"SELECT pg_advisory_xact_lock(2, 1)"};
constexpr Sql select_server{"SELECT CAST(current_setting('server_version_num') AS integer)"};
constexpr Sql select_tables{
    "SELECT count(*), count(*) FILTER (WHERE tablename = 'schema_migrations') FROM pg_tables "
    "WHERE schemaname = current_schema()"};
// Whoever serves the store has a row there.
constexpr Sql select_processes_table{"SELECT CAST(to_regclass('processes') IS NOT NULL AS integer)"};
constexpr Sql count_processes{"SELECT count(*) FROM processes"};

// The store's own tables, which must be there before the first migration. commit_marks: how far each session's commits
// have come. moves: what was brought here from another store (`epay move`); nobody serves what is not whole.
constexpr const char* bootstrap =
    "CREATE TABLE schema_migrations (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, "
    "applied_at BIGINT NOT NULL, older_may_run SMALLINT NOT NULL DEFAULT 0);"
    "CREATE SEQUENCE commit_mark_ids;"
    "CREATE TABLE commit_marks (id BIGINT NOT NULL PRIMARY KEY, number BIGINT NOT NULL, "
    "set_at TIMESTAMPTZ NOT NULL) WITH (fillfactor = 50);"
    "CREATE TABLE moves (id BIGINT NOT NULL PRIMARY KEY, began_at BIGINT NOT NULL, ended_at BIGINT);";

// Stores that are older than the column.
constexpr const char* add_older_may_run =
    "ALTER TABLE schema_migrations ADD COLUMN IF NOT EXISTS older_may_run SMALLINT NOT NULL DEFAULT 0";

struct SequenceNames {
  const char* create;
  Sql next;
};
// No cache: a merchant's ids must grow, whichever session takes them.
#define EPAY_SEQUENCE(name) \
  {"CREATE SEQUENCE IF NOT EXISTS ids_" #name ";", {"SELECT nextval('ids_" #name "') FROM generate_series(1, $1)"}}

const SequenceNames& names_of(Sequence sequence) {
  static constexpr SequenceNames names[] = {
      EPAY_SEQUENCE(merchant), EPAY_SEQUENCE(user),         EPAY_SEQUENCE(integration), EPAY_SEQUENCE(customer),
      EPAY_SEQUENCE(payment),  EPAY_SEQUENCE(transfer),     EPAY_SEQUENCE(endpoint),    EPAY_SEQUENCE(redelivery),
      EPAY_SEQUENCE(mail),     EPAY_SEQUENCE(text_message), EPAY_SEQUENCE(page),        EPAY_SEQUENCE(image),
      EPAY_SEQUENCE(process),  EPAY_SEQUENCE(recipient),    EPAY_SEQUENCE(bulk_payout)};
  static_assert(std::size(names) == static_cast<std::size_t>(Sequence::count));
  return names[static_cast<std::size_t>(sequence)];
}
#undef EPAY_SEQUENCE

std::int64_t ask(PostgresSession& session, const Sql& sql, int column = 0) {
  std::int64_t number = 0;
  session.send(sql, {}, [&](OwnedResult result) {
    if (PQntuples(result.get()) > 0) number = PostgresRow(result.get()).integer(column);
  });
  session.settle();
  return number;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

Result<> check_server(PostgresSession& session) {
  const std::int64_t server = ask(session, select_server);
  if (server >= oldest_server) return {};
  return fail(ErrorCode::unavailable,
              "PostgreSQL " + std::to_string(server / 10'000) + " is too old: epay needs 15 or a newer one");
}

constexpr std::int64_t no_schema = -1;

Result<std::int64_t> schema_version(PostgresSession& session) {
  if (ask(session, select_tables) == 0) return no_schema;
  if (ask(session, select_tables, 1) == 0) {
    return fail(ErrorCode::unavailable, "the database holds the tables of another program");
  }
  return ask(session, store::select_version);
}

std::optional<std::int64_t> first_to_know(PostgresSession& session, std::int64_t known) {
  std::optional<std::int64_t> first;
  const Value values[] = {known};
  session.send(store::select_first_to_know, values,
               [&](OwnedResult result) { first = PostgresRow(result.get()).optional_integer(0); });
  session.settle();
  return first;
}

// A step that older processes cannot live with waits for their end. Who was killed may still have a row.
Result<> check_nobody_serves(PostgresSession& session, const Migration& migration) {
  if (ask(session, select_processes_table) == 0) return {};
  const std::int64_t count = ask(session, count_processes);
  if (count == 0) return {};
  return fail(ErrorCode::unavailable, "schema step " + std::to_string(migration.version) + " (" +
                                          std::string(migration.name) + ") needs all processes stopped, and " +
                                          std::to_string(count) +
                                          " serve this database: stop them; if they were killed, say so with "
                                          "`epay migrate --all-stopped`");
}

// Applies what comes after the version that the schema has, if there is any. Whether there was.
Result<bool> apply_next(PostgresSession& session, std::span<const Migration> migrations, Timestamp now, Others others) {
  session.execute_text("BEGIN");
  session.send(lock_schema, {});
  const auto version = schema_version(session);
  if (!version) return std::unexpected(version.error());
  if (*version == no_schema) session.execute_text(bootstrap);
  session.execute_text(add_older_may_run);
  for (std::size_t i = 0; i < static_cast<std::size_t>(Sequence::count); ++i) {
    session.execute_text(names_of(static_cast<Sequence>(i)).create);
  }
  for (const Migration& migration : migrations) {
    if (migration.version <= *version) continue;
    if (!migration.is_additive() && others == Others::looked_for) {
      if (const auto alone = check_nobody_serves(session, migration); !alone) return std::unexpected(alone.error());
    }
    session.execute_text(to_postgres(migration.text));
    const Value values[] = {migration.version, migration.name, now.micros, to_value(migration.is_additive())};
    session.send(store::insert_migration, values);
    break;
  }
  session.settle();
  session.execute_text("COMMIT");
  return !migrations.empty() && *version < migrations.back().version;
}

}  // namespace

Result<> check_whole(const PostgresOptions& options) {
  static constexpr Sql count_unfinished{"SELECT count(*) FROM moves WHERE ended_at IS NULL"};
  try {
    PostgresSession session(options);
    if (ask(session, count_unfinished) == 0) return {};
    return fail(ErrorCode::unavailable, "a move into this database is not finished: `epay move` goes on with it");
  } catch (const StoreFailure& failure) {
    return fail(ErrorCode::unavailable, failure.what());
  }
}

std::string to_postgres(std::string_view text) {
  std::string translated(text);
  replace_all(translated, "/*postgresql", "");
  replace_all(translated, "*/", "");
  replace_all(translated, " WITHOUT ROWID", "");
  replace_all(translated, " BLOB", " BYTEA");
  replace_all(translated, " TEXT", " TEXT COLLATE \"C\"");
  return translated;
}

const Sql& next_ids(Sequence sequence) { return names_of(sequence).next; }

void skip_ids(Transaction& tx, std::int64_t count) {
  static constexpr Sql skip{
      "SELECT setval(CAST(quote_ident(sequencename) AS regclass), coalesce(last_value, 1) + $1) FROM pg_sequences "
      "WHERE schemaname = current_schema() AND left(sequencename, 4) = 'ids_'"};
  tx.query_each(skip, [](const Row&) {}, count);
}

Result<> migrate(const PostgresOptions& options, std::span<const Migration> migrations, Timestamp now, Others others) {
  try {
    PostgresOptions patient = options;
    patient.answer_wait_max = milliseconds(0);  // a step may walk through everything
    PostgresSession session(patient);
    if (const auto checked = check_server(session); !checked) return checked;
    // As a rule there is nothing to do, and nothing to lock.
    const std::int64_t known = migrations.empty() ? 0 : migrations.back().version;
    const auto version = schema_version(session);
    if (!version) return std::unexpected(version.error());
    if (*version == known) return {};
    if (*version > known) {
      return check_newer_schema(*version, known, first_to_know(session, known));
    }
    for (;;) {
      const auto applied = apply_next(session, migrations, now, others);
      if (!applied) return std::unexpected(applied.error());
      if (!*applied) return {};
    }
  } catch (const StoreFailure& failure) {
    return fail(ErrorCode::unavailable, std::string("cannot bring the database up to date: ") + failure.what());
  }
}

}  // namespace epay::db
