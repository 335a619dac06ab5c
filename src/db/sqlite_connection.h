// One connection to a SQLite file, with its prepared statements. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "db/database.h"
#include "db/migrations.h"

struct sqlite3;
struct sqlite3_stmt;

namespace epay::db {

class SqliteConnection final : public Transaction {
 public:
  enum class Access { read_write, read_only };
  // Error: unavailable.
  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path, Access access);
  ~SqliteConnection();

  // Error: unavailable when the file is newer than `migrations`, or a step fails.
  Result<> migrate(std::span<const Migration> migrations, Timestamp now);

  // Throw StoreFailure.
  void begin();
  void commit();
  // Also forgets ids that were reserved in the transaction. Never throws: it ends a transaction that may be over already.
  void rollback();
  bool in_transaction() const;
  // Whether the last failure was that there is no room.
  bool disk_was_full() const { return disk_was_full_; }
  // Whether something was changed since the last call.
  bool take_wrote() { return std::exchange(wrote_, false); }

  std::int64_t next_id(Sequence sequence) override;
  void execute_text(const std::string& sql);
  sqlite3* handle() { return handle_; }

 protected:
  std::int64_t run(const Sql& sql, std::span<const Value> values, RowSink* rows) override;

 private:
  // Ids taken from the store and not handed out yet.
  struct Block {
    std::int64_t next = 1;
    std::int64_t end = 1;
    bool committed = true;
  };
  SqliteConnection(sqlite3* handle, Access access) : handle_(handle), access_(access) {}
  sqlite3_stmt* prepare(const Sql& sql);
  [[noreturn]] void fail_now(const std::string& doing);

  sqlite3* handle_;
  Access access_;
  bool wrote_ = false;
  bool disk_was_full_ = false;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
  Block blocks_[static_cast<std::size_t>(Sequence::count)];
};

}  // namespace epay::db
