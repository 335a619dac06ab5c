// verify, backup, migrate
#include <cstdio>

#include "app/books.h"
#include "app/verbs.h"
#include "base/json_writer.h"
#include "db/open.h"
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
  const auto before = db::schema_version(config.database).value_or(0);
  if (wanted.all_stopped && db::is_shared(config.database)) {
    const auto migrated = db::migrate({.url = config.database}, db::embedded_migrations(),
                                      runtime::Reactor().clock().now(), db::Others::known_to_be_stopped);
    if (!migrated) return report(migrated.error());
  }
  // Opening does it otherwise.
  const int code = run_on_store(config, done, MasterKey::not_needed);
  if (code != 0) return code;
  say_applied(before, db::schema_version(config.database).value_or(0));
  return 0;
}

}  // namespace epay::app
