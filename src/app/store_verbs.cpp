// verify, backup, migrate
#include <cstdio>

#include "app/books.h"
#include "app/verbs.h"
#include "base/json_writer.h"
#include "db/open.h"
#include "db/postgres_distribution.h"
#include "db/postgres_schema.h"
#include "db/sqlite_database.h"
#include "runtime/reactor.h"

namespace epay::app {
namespace {

Task<int> verify_books(bool json, VerbContext& context) {
  const auto found = co_await context.database.read(
      [](db::Transaction& tx) -> Result<std::vector<std::string>> { return wrong_in_books(tx); });
  if (!found) co_return report(found.error());
  if (json) {
    JsonWriter out;
    out.begin_object().member("clean", found->empty()).key("differences").begin_array();
    for (const std::string& sentence : *found) out.value(sentence);
    std::printf("%s\n", out.end_array().end_object().take().c_str());
  } else {
    for (const std::string& sentence : *found) std::printf("%s\n", sentence.c_str());
    std::printf(found->empty() ? "the books are right: every balance is the sum of its entries\n"
                               : "the books are wrong: %zu differences\n",
                found->size());
  }
  co_return found->empty() ? 0 : 1;
}

Task<int> done(VerbContext&) { co_return 0; }

void say_applied(std::int64_t before, std::int64_t after) {
  const std::int64_t known = db::embedded_migrations().back().version;
  for (const db::Migration& migration : db::embedded_migrations()) {
    if (migration.version <= before) continue;
    std::printf("applied step %lld, %s\n", static_cast<long long>(migration.version),
                std::string(migration.name).c_str());
  }
  if (after > known) {
    std::printf("the schema is newer (%lld) than this binary (%lld), which may use it\n", static_cast<long long>(after),
                static_cast<long long>(known));
  } else {
    std::printf("the schema is up to date\n");
  }
}

int spread(const std::string& database, db::Others others) {
  const auto done = db::distribute({.url = database}, others, [](std::string_view table, std::string_view how) {
    std::printf("%s: %s\n", std::string(table).c_str(), std::string(how).c_str());
    std::fflush(stdout);
  });
  if (!done) return report(done.error());
  std::printf("%lld tables are spread%s\n", static_cast<long long>(done->tables),
              done->tables_before > 0 ? ", some since before" : "");
  return 0;
}

}  // namespace

int verify(const StoreConfig& config, bool json) {
  return run_on_store(
      config, [json](VerbContext& context) { return verify_books(json, context); }, MasterKey::not_needed);
}

int backup(const StoreConfig& config, const std::string& path) {
  const auto from = db::sqlite_file(config.database);
  if (!from) {
    return report({ErrorCode::invalid,
                   "--database: backup copies a SQLite file; PostgreSQL has pg_basebackup, pg_dump and archived logs"});
  }
  const auto copied = db::SqliteDatabase::backup(*from, path);
  if (!copied) return report(copied.error());
  std::printf("backed up to %s; keep the master key (%s.key) beside it, in a safe place\n", path.c_str(),
              from->c_str());
  return 0;
}

int migrate(const StoreConfig& config, const MigrateConfig& wanted) {
  if (wanted.distribute && !db::is_shared(config.database)) {
    return report({ErrorCode::invalid, "--distribute: the store must be postgresql://USER@HOST/NAME"});
  }
  const auto before = db::schema_version(config.database).value_or(0);
  const auto others = wanted.all_stopped ? db::Others::known_to_be_stopped : db::Others::looked_for;
  if (db::is_shared(config.database)) {
    const Timestamp now = runtime::Reactor().clock().now();
    const auto migrated = db::migrate({.url = config.database}, db::embedded_migrations(), now, others);
    if (!migrated) return report(migrated.error());
  }
  // Opening brings a file up to date, and looks whether a store is whole.
  const int code = run_on_store(config, done, MasterKey::not_needed);
  if (code != 0) return code;
  say_applied(before, db::schema_version(config.database).value_or(0));
  return wanted.distribute ? spread(config.database, others) : 0;
}

}  // namespace epay::app
