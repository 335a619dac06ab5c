#include "db/sqlite_connection.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "base/check.h"
#include "db/migration_store.h"

namespace epay::db {
namespace {

// SQLite's own wait for a lock sleeps ever longer. Beside a busy service, which frees the file for microseconds between
// its commits, that comes to nothing; so the file is tried often.
constexpr microseconds busy_wait{500};
constexpr int journal_mode_wait_ms = 50;
constexpr int journal_mode_waits_max = 100;
constexpr std::int64_t id_block_alone = 256;

// The store's own tables, which must be there before the first migration.
constexpr const char* bootstrap =
    "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, "
    "applied_at BIGINT NOT NULL, older_may_run SMALLINT NOT NULL DEFAULT 0) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS sequences (name TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL) WITHOUT ROWID;";

// Stores that are older than the column.
constexpr Sql count_older_may_run{
    "SELECT count(*) FROM pragma_table_info('schema_migrations') WHERE name = 'older_may_run'"};
constexpr const char* add_older_may_run =
    "ALTER TABLE schema_migrations ADD COLUMN older_may_run SMALLINT NOT NULL DEFAULT 0";
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
    case Sequence::endpoint: return "endpoint";
    case Sequence::redelivery: return "redelivery";
    case Sequence::mail: return "mail";
    case Sequence::text_message: return "text_message";
    case Sequence::page: return "page";
    case Sequence::image: return "image";
    case Sequence::process: return "process";
    case Sequence::recipient: return "recipient";
    case Sequence::bulk_payout: return "bulk_payout";
    case Sequence::count: break;
  }
  EPAY_CHECK(false);
}

int wait_while_busy(void* waits_max, int waits) {
  if (waits >= *static_cast<int*>(waits_max)) return 0;
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
    return sqlite3_bind_text64(statement, position, text.data() ? text.data() : "", text.size(), SQLITE_STATIC,
                               SQLITE_UTF8);
  }
  int operator()(Bytes bytes) const {
    const char* data = bytes.content.data() ? bytes.content.data() : "";
    return sqlite3_bind_blob64(statement, position, data, bytes.content.size(), SQLITE_STATIC);
  }
};

// The file holds secrets' hashes and people's telephones. SQLite would create it readable by everyone. Only a file that
// is not there yet may be opened by hand: closing a file drops all of this process's locks on it.
void create_private(const std::string& path) {
  if (path.empty() || path.front() == ':' || path.starts_with("file:")) return;
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file >= 0) ::close(file);
}

}  // namespace

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path, Access access,
                                                                 milliseconds lock_wait_max) {
  if (access == Access::read_write) create_private(path);
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
                    (access == Access::read_write ? SQLITE_OPEN_CREATE : 0);
  const int opened = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(handle, access));
  if (opened != SQLITE_OK) {
    return fail(ErrorCode::unavailable, "cannot open the database " + path + ": " + connection->error_message());
  }
  try {
    connection->configure(lock_wait_max);
  } catch (const StoreFailure& failure) {
    return fail(ErrorCode::unavailable, "cannot use the database " + path + ": " + failure.what());
  }
  return connection;
}

SqliteConnection::SqliteConnection(sqlite3* handle, Access access)
    : handle_(handle), access_(access), id_block_(id_block_alone) {}

SqliteConnection::~SqliteConnection() {
  for (const auto& [text, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

void SqliteConnection::configure(milliseconds lock_wait_max) {
  busy_waits_max_ = static_cast<int>(lock_wait_max / busy_wait);
  sqlite3_busy_handler(handle_, wait_while_busy, &busy_waits_max_);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  use_write_ahead_log();
  execute_text("PRAGMA synchronous = FULL");
  execute_text("PRAGMA temp_store = MEMORY");
  // KiB at most, taken as they are needed. The writer's are worth more: it touches every index.
  execute_text(access_ == Access::read_write ? "PRAGMA cache_size = -49152" : "PRAGMA cache_size = -16384");
  // A checkpoint every 64 MiB of log: more often costs a sixth of the commits.
  execute_text("PRAGMA wal_autocheckpoint = 16000");
  if (access_ == Access::read_only) execute_text("PRAGMA query_only = ON");
}

void SqliteConnection::use_write_ahead_log() {
  // SQLite does not wait for a lock when it changes the journal mode of a file that another process is opening too.
  for (int waits = 0; waits < journal_mode_waits_max; ++waits) {
    std::string mode;
    try {
      mode = text_of("PRAGMA journal_mode = WAL");
    } catch (const StoreFailure&) {
      if (sqlite3_errcode(handle_) != SQLITE_BUSY) throw;
    }
    // "memory" is a store that lives in memory, as the simulator's does.
    if (mode == "wal" || mode == "memory") return;
    if (!mode.empty())
      throw StoreFailure("its file system cannot share memory between processes, as write-ahead logs need");
    sqlite3_sleep(journal_mode_wait_ms);
  }
  throw StoreFailure("another process has locked it");
}

std::string SqliteConnection::error_message() const {
  return handle_ == nullptr ? std::string("out of memory") : std::string(sqlite3_errmsg(handle_));
}

void SqliteConnection::fail_now(std::string_view doing) {
  doomed_ = true;
  constexpr std::size_t shown_max = 60;
  throw StoreFailure(error_message() + ", in: " + std::string(doing.substr(0, shown_max)));
}

void SqliteConnection::execute_text(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail_now(sql);
}

std::string SqliteConnection::text_of(const std::string& sql) {
  std::string text;
  const auto take = [](void* into, int, char** values, char**) {
    if (values[0] != nullptr) *static_cast<std::string*>(into) = values[0];
    return 0;
  };
  if (sqlite3_exec(handle_, sql.c_str(), take, &text, nullptr) != SQLITE_OK) fail_now(sql);
  return text;
}

std::optional<std::int64_t> SqliteConnection::schema_version() {
  static constexpr Sql select_tables{
      "SELECT count(*), coalesce(sum(name = 'schema_migrations'), 0) FROM sqlite_schema"};
  const auto [all, ours] =
      *query_one(select_tables, [](const Row& row) { return std::pair(row.integer(0), row.integer(1)); });
  if (all == 0) return std::nullopt;
  if (ours == 0) throw StoreFailure("the file holds the tables of another program");
  return query_one(store::select_version, [](const Row& row) { return row.integer(0); });
}

void SqliteConnection::apply_next(std::span<const Migration> migrations, Timestamp now) {
  // Read again under the lock: another process may have been quicker.
  const auto version = schema_version();
  if (!version) execute_text(bootstrap);
  if (*query_one(count_older_may_run, [](const Row& row) { return row.integer(0); }) == 0) {
    execute_text(add_older_may_run);
  }
  for (const Migration& migration : migrations) {
    if (migration.version <= version.value_or(0)) continue;
    execute_text(std::string(migration.text));
    execute(store::insert_migration, migration.version, migration.name, now, migration.is_additive());
    return;
  }
}

Result<> SqliteConnection::migrate(std::span<const Migration> migrations, Timestamp now) {
  const std::int64_t known = migrations.empty() ? 0 : migrations.back().version;
  try {
    for (;;) {
      const auto version = schema_version();
      if (version > known) {
        const auto first =
            query_one(store::select_first_to_know, [](const Row& row) { return row.optional_integer(0); }, known);
        return check_newer_schema(*version, known, *first);
      }
      if (version == known) return {};
      begin();
      apply_next(migrations, now);
      if (commit() != CommitEnd::durable) fail_now("COMMIT");
    }
  } catch (const StoreFailure& failure) {
    rollback();
    return fail(ErrorCode::unavailable, std::string("cannot bring the database up to date: ") + failure.what());
  }
}

void SqliteConnection::begin() {
  static constexpr Sql write{"BEGIN IMMEDIATE"};
  static constexpr Sql read{"BEGIN"};
  run(access_ == Access::read_write ? write : read, {}, nullptr);
  begun_ = true;
  doomed_ = false;
  wrote_ = false;
  if (access_ == Access::read_write) forget_ids_behind_others();
}

// Ids grow in the order of commits: whoever reads from a cursor, and whoever adds up entries, relies on it. Once
// another connection has written, what is left of a block may be behind ids that it has taken.
void SqliteConnection::forget_ids_behind_others() {
  static constexpr Sql select_version{"PRAGMA data_version"};
  const auto version = query_one(select_version, [](const Row& row) { return row.integer(0); });
  if (version != data_version_) {
    for (Block& block : blocks_) block = {};
  }
  data_version_ = version;
}

SqliteConnection::CommitEnd SqliteConnection::commit() {
  static constexpr Sql statement{"COMMIT"};
  EPAY_CHECK(sound());
  try {
    run(statement, {}, nullptr);
  } catch (const StoreFailure&) {
    const bool full = sqlite3_errcode(handle_) == SQLITE_FULL;
    // Still open: SQLite found a reason not to begin writing, such as a lock.
    if (in_transaction() || access_ == Access::read_only) return CommitEnd::undone;
    // SQLITE_FULL comes from a write to the log that fell short. The frame that makes a transaction count is the last
    // one written, where storage is "powersafe" (SQLite's default; otherwise padding follows it). So that frame is not
    // whole, and no reader and no recovery will ever take it. After any other error, a failed sync above all, it may be
    // whole.
    int powersafe = -1;
    sqlite3_file_control(handle_, "main", SQLITE_FCNTL_POWERSAFE_OVERWRITE, &powersafe);
    return full && powersafe == 1 ? CommitEnd::undone : CommitEnd::unknown;
  }
  begun_ = false;
  for (Block& block : blocks_) block.committed = true;
  return CommitEnd::durable;
}

void SqliteConnection::rollback() {
  begun_ = false;
  if (in_transaction()) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  for (Block& block : blocks_) {
    if (!block.committed) block = {};
  }
}

// After an error such as a full disk SQLite may have ended the transaction by itself. What follows would then stand
// alone.
bool SqliteConnection::sound() const { return begun_ && !doomed_ && in_transaction(); }

bool SqliteConnection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

std::int64_t SqliteConnection::next_id(Sequence sequence) {
  Block& block = blocks_[static_cast<std::size_t>(sequence)];
  if (block.next == block.end) {
    const bool wrote_before = wrote_;
    const auto value =
        query_one(reserve_ids, [](const Row& row) { return row.integer(0); }, name_of(sequence), id_block_);
    wrote_ = wrote_before;
    block = {*value - id_block_ + 1, *value + 1, false};
  }
  return block.next++;
}

sqlite3_stmt* SqliteConnection::prepare(const Sql& sql) {
  const auto known = statements_.find(sql.text.data());
  if (known != statements_.end()) return known->second;
  std::string text(sql.text);
  // There is one writer, and nothing to lock.
  constexpr std::string_view lock = " FOR UPDATE SKIP LOCKED";
  if (const auto at = text.find(lock); at != std::string::npos) text.erase(at, lock.size());
  // SQLite numbers a "$2" by where it first stands, and a "?2" by its number.
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '$' && text[i + 1] >= '0' && text[i + 1] <= '9') text[i] = '?';
  }
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  if (sqlite3_prepare_v3(handle_, text.data(), static_cast<int>(text.size()), SQLITE_PREPARE_PERSISTENT, &statement,
                         &rest) != SQLITE_OK) {
    fail_now(sql.text);
  }
  EPAY_CHECK(statement != nullptr);
  statements_.emplace(sql.text.data(), statement);
  EPAY_CHECK(rest == text.data() + text.size());  // one statement; a second one would be ignored
  return statement;
}

Changes SqliteConnection::run(const Sql& sql, std::span<const Value> values, RowSink* rows) {
  if (begun_ && !sound()) throw StoreFailure("a statement before has failed");
  sqlite3_stmt* statement = prepare(sql);
  EPAY_CHECK(sqlite3_stmt_busy(statement) == 0);  // its rows are being read further up
  EPAY_CHECK(sqlite3_bind_parameter_count(statement) == static_cast<int>(values.size()));
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
  if (result != SQLITE_DONE) fail_now(sql.text);
  if (sqlite3_stmt_readonly(statement) != 0) return Changes(0);
  const std::int64_t changes = sqlite3_changes64(handle_);
  if (changes > 0) wrote_ = true;
  return Changes(changes);
}

}  // namespace epay::db
