#include "db/open.h"

#include <filesystem>

#include "db/migration_store.h"
#include "db/postgres_connection.h"
#include "db/postgres_database.h"
#include "db/sqlite_connection.h"
#include "db/sqlite_database.h"

namespace epay::db {
namespace {

// The first number that the store says; nothing where none is. Throws StoreFailure where it says nothing.
std::optional<std::int64_t> number_there(const std::string& address, const Sql& sql) {
  const auto read = [&sql](Transaction& tx) {
    const auto number = tx.query_one(sql, [](const Row& row) { return row.integer(0); });
    if (!number) throw StoreFailure("no row");
    return *number;
  };
  if (const auto path = sqlite_file(address)) {
    if (!std::filesystem::exists(*path)) return std::nullopt;
    const auto opened = SqliteConnection::open(*path, SqliteConnection::Access::read_only, OpenOptions().lock_wait_max);
    if (!opened) throw StoreFailure(opened.error().message);
    return read(**opened);
  }
  const PostgresOptions server{.url = address};
  PostgresConnection connection(server, PostgresConnection::Access::read_only);
  connection.begin({});
  static constexpr Sql select_schema{
      "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'schema_migrations'"};
  if (*connection.query_one(select_schema, [](const Row& row) { return row.integer(0); }) == 0) return std::nullopt;
  return read(connection);
}

}  // namespace

bool is_shared(const std::string& address) {
  return address.starts_with("postgresql://") || address.starts_with("postgres://");
}

std::optional<std::string> sqlite_file(const std::string& address) {
  constexpr std::string_view scheme = "sqlite:";
  if (!address.starts_with(scheme) || address.size() == scheme.size()) return std::nullopt;
  return address.substr(scheme.size());
}

std::string shown_address(const std::string& address) {
  const auto user = address.find("://");
  if (user == std::string::npos) return address;
  // A password in the query, or behind the user.
  std::string shown = address.substr(0, address.find('?'));
  const auto host = shown.rfind('@');
  if (host != std::string::npos) shown.erase(user + 3, host + 1 - (user + 3));
  return shown;
}

std::optional<std::int64_t> schema_version(const std::string& address) {
  try {
    return number_there(address, store::select_version);
  } catch (const StoreFailure&) {
    return std::nullopt;
  }
}

bool asks_true(const std::string& address, const Sql& sql) {
  try {
    const auto answer = number_there(address, sql);
    return answer && *answer != 0;
  } catch (const StoreFailure&) {
    return true;
  }
}

Result<std::unique_ptr<Database>> open(Clock& clock, Log& log, const std::string& address, OpenOptions options) {
  if (const auto path = sqlite_file(address)) {
    return SqliteDatabase::open(
        clock, log, {.path = *path, .threading = options.threading, .lock_wait_max = options.lock_wait_max});
  }
  if (!is_shared(address)) {
    return fail(ErrorCode::invalid, "--database: must be sqlite:PATH or postgresql://USER@HOST/NAME");
  }
  const PostgresOptions server{.url = address, .answer_wait_max = options.answer_wait_max};
  return PostgresDatabase::open(clock, log, {.server = server, .threading = options.threading});
}

}  // namespace epay::db
