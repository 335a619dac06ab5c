#include "db/sqlite_connection.h"

#include <sqlite3.h>

#include <chrono>
#include <cstring>
#include <thread>

#include "base/check.h"

namespace epay::db {
namespace {

// Another process may be writing: a service, a command line verb. SQLite's own wait sleeps ever longer, and beside a busy service,
// which frees the file for microseconds between its commits, it comes to nothing; so the file is tried often.
constexpr std::chrono::microseconds busy_wait{500};
constexpr int busy_waits_max = 60'000;  // half a minute
constexpr std::int64_t id_block = 256;

// The store's own tables, which must be there before the first migration.
constexpr const char* bootstrap =
    "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, "
    "applied_at BIGINT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS sequences (name TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL) WITHOUT ROWID;";

constexpr Sql insert_migration{"INSERT INTO schema_migrations (version, name, applied_at) VALUES ($1, $2, $3)"};
constexpr Sql select_version{"SELECT coalesce(max(version), 0) FROM schema_migrations"};
constexpr Sql reserve_ids{
    "INSERT INTO sequences (name, value) VALUES ($1, $2) "
    "ON CONFLICT (name) DO UPDATE SET value = value + excluded.value RETURNING value"};

const char* name_of(Sequence sequence) {
  switch (sequence) {
    case Sequence::merchant: return "merchant";
    case Sequence::user: return "user";
    case Sequence::integration: return "integration";
    case Sequence::customer: return "customer";
    case Sequence::payment: return "payment";
    case Sequence::transfer: return "transfer";
    case Sequence::event: return "event";
    case Sequence::endpoint: return "endpoint";
    case Sequence::count: break;
  }
  EPAY_CHECK(false);
}

int wait_while_busy(void*, int waits) {
  if (waits >= busy_waits_max) return 0;
  std::this_thread::sleep_for(busy_wait);
  return 1;
}

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  bool is_null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
  std::string_view text(int column) const override {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return bytes == nullptr ? std::string_view() : std::string_view(bytes, size);
  }

 private:
  sqlite3_stmt* statement_;
};

struct Bind {
  sqlite3_stmt* statement;
  int position;
  int operator()(std::nullptr_t) const { return sqlite3_bind_null(statement, position); }
  int operator()(std::int64_t number) const { return sqlite3_bind_int64(statement, position, number); }
  int operator()(std::string_view text) const {
    return sqlite3_bind_text64(statement, position, text.data() ? text.data() : "", text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  int operator()(Bytes bytes) const {
    const char* data = bytes.content.data() ? bytes.content.data() : "";
    return sqlite3_bind_blob64(statement, position, data, bytes.content.size(), SQLITE_STATIC);
  }
};

}  // namespace

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path, Access access) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
  const int opened = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(handle, access));
  if (opened != SQLITE_OK) {
    return fail(ErrorCode::unavailable, "cannot open the database " + path + ": " + sqlite3_errmsg(handle));
  }
  sqlite3_busy_handler(handle, wait_while_busy, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  try {
    connection->execute_text("PRAGMA journal_mode = WAL");
    connection->execute_text("PRAGMA synchronous = FULL");
    connection->execute_text("PRAGMA temp_store = MEMORY");
    connection->execute_text("PRAGMA cache_size = -65536");  // at most 64 MiB, taken as it is needed
    // A checkpoint every 64 MiB of log: more often costs a sixth of the commits.
    connection->execute_text("PRAGMA wal_autocheckpoint = 16000");
    if (access == Access::read_only) connection->execute_text("PRAGMA query_only = ON");
  } catch (const StoreFailure& failure) {
    return fail(ErrorCode::unavailable, "cannot use the database " + path + ": " + failure.what());
  }
  return connection;
}

SqliteConnection::~SqliteConnection() {
  for (const auto& [text, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

void SqliteConnection::fail_now(const std::string& doing) {
  disk_was_full_ = sqlite3_errcode(handle_) == SQLITE_FULL;
  throw StoreFailure(doing + ": " + sqlite3_errmsg(handle_));
}

void SqliteConnection::execute_text(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail_now(sql.substr(0, 60));
}

Result<> SqliteConnection::migrate(std::span<const Migration> migrations, Timestamp now) {
  try {
    begin();
    execute_text(bootstrap);
    const std::int64_t known = migrations.empty() ? 0 : migrations.back().version;
    const std::int64_t version = *query_one(select_version, [](const Row& row) { return row.integer(0); });
    if (version > known) {
      rollback();
      return fail(ErrorCode::unavailable, "this database was written by a newer epay (schema " + std::to_string(version) +
                                              "; this binary knows " + std::to_string(known) +
                                              "): use that version or a newer one");
    }
    for (const Migration& migration : migrations) {
      if (migration.version <= version) continue;
      execute_text(std::string(migration.text));
      execute(insert_migration, migration.version, migration.name, now);
    }
    commit();
  } catch (const StoreFailure& failure) {
    rollback();
    return fail(ErrorCode::unavailable, std::string("cannot bring the database up to date: ") + failure.what());
  }
  return {};
}

void SqliteConnection::begin() {
  static constexpr Sql write{"BEGIN IMMEDIATE"};
  static constexpr Sql read{"BEGIN"};
  run(access_ == Access::read_write ? write : read, {}, nullptr);
  wrote_ = false;
}

void SqliteConnection::commit() {
  static constexpr Sql statement{"COMMIT"};
  run(statement, {}, nullptr);
  for (Block& block : blocks_) block.committed = true;
}

void SqliteConnection::rollback() {
  if (in_transaction()) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  for (Block& block : blocks_) {
    if (!block.committed) block = {};
  }
}

bool SqliteConnection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

std::int64_t SqliteConnection::next_id(Sequence sequence) {
  Block& block = blocks_[static_cast<std::size_t>(sequence)];
  if (block.next == block.end) {
    const auto value = query_one(reserve_ids, [](const Row& row) { return row.integer(0); }, name_of(sequence), id_block);
    block = {*value - id_block + 1, *value + 1, false};
  }
  return block.next++;
}

sqlite3_stmt* SqliteConnection::prepare(const Sql& sql) {
  auto [place, fresh] = statements_.try_emplace(sql.text.data(), nullptr);
  if (fresh) {
    // SQLite numbers a "$2" by where it first stands, and a "?2" by its number.
    std::string text(sql.text);
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      if (text[i] == '$' && text[i + 1] >= '0' && text[i + 1] <= '9') text[i] = '?';
    }
    const int prepared = sqlite3_prepare_v3(handle_, text.data(), static_cast<int>(text.size()), SQLITE_PREPARE_PERSISTENT,
                                            &place->second, nullptr);
    if (prepared != SQLITE_OK) {
      statements_.erase(place);
      fail_now(std::string(sql.text));
    }
  }
  return place->second;
}

std::int64_t SqliteConnection::run(const Sql& sql, std::span<const Value> values, RowSink* rows) {
  sqlite3_stmt* statement = prepare(sql);
  int position = 0;
  for (const Value& value : values) {
    EPAY_CHECK(std::visit(Bind{statement, ++position}, value) == SQLITE_OK);
  }
  // Whatever happens, the statement is left ready for its next use.
  struct Reset {
    sqlite3_stmt* statement;
    ~Reset() { sqlite3_reset(statement); }
  } reset{statement};
  const SqliteRow row(statement);
  int result;
  while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
    if (rows != nullptr) rows->row(row);
  }
  if (result != SQLITE_DONE) fail_now(std::string(sql.text.substr(0, 60)));
  if (sqlite3_stmt_readonly(statement) != 0) return 0;
  const std::int64_t changes = sqlite3_changes64(handle_);
  if (changes > 0) wrote_ = true;
  return changes;
}

}  // namespace epay::db
