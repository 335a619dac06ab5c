// One connection to a SQLite file, with its prepared statements. One thread at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "db/connection.h"
#include "db/migrations.h"

struct sqlite3;
struct sqlite3_stmt;

namespace epay::db {

class SqliteConnection final : public Connection {
 public:
  enum class Access { read_write, read_only };
  // A missing file is created, readable by its owner alone, only for read_write. `path` is a file or a URI. Error:
  // unavailable.
  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path, Access access,
                                                        milliseconds lock_wait_max);
  ~SqliteConnection() override;

  // Brings the schema up to the last of `migrations`, each step in a transaction of its own; several processes may do
  // so at once. Takes no lock when there is nothing to do. Error: unavailable when the file is newer than `migrations`
  // or another program's, or a step fails.
  Result<> migrate(std::span<const Migration> migrations, Timestamp now);

  // Throws StoreFailure.
  void begin();
  void begin(std::span<Job* const>) override { begin(); }
  // Unknown: the file may or may not hold it after a restart.
  CommitEnd commit() override;
  // Also forgets ids that were reserved in the transaction.
  void rollback() override;
  bool sound() const override;
  bool take_wrote() override { return std::exchange(wrote_, false); }
  bool may_try_again() const override { return false; }
  bool statement_failed() const override { return false; }
  std::string error_message() const override;

  bool keep_pieces(TimedTable, Timestamp, Timestamp) override { return false; }
  std::int64_t next_id(Sequence sequence) override;
  ProcessId process() const override { return {process_}; }
  // Others reserve ids, too: they then grow in the order of commits, over all connections.
  void reserve_ids_singly() { id_block_ = 1; }
  void set_process(ProcessId process) { process_ = process.value; }  // any thread
  // Statements without parameters. Throws StoreFailure.
  void execute_text(const std::string& sql);

 protected:
  Changes run(const Sql& sql, std::span<const Value> values, RowSink* rows) override;
  std::int64_t changes_of(std::uint64_t) override { return 0; }

 private:
  void forget_ids_behind_others();
  // Ids taken from the store and not handed out yet.
  struct Block {
    std::int64_t next = 1;
    std::int64_t end = 1;
    bool committed = true;
  };
  SqliteConnection(sqlite3* handle, Access access);
  bool in_transaction() const;
  void configure(milliseconds lock_wait_max);
  void use_write_ahead_log();
  // Nothing when the file is new.
  std::optional<std::int64_t> schema_version();
  void apply_next(std::span<const Migration> migrations, Timestamp now);
  std::string text_of(const std::string& sql);
  sqlite3_stmt* prepare(const Sql& sql);
  [[noreturn]] void fail_now(std::string_view doing);

  sqlite3* handle_;
  Access access_;
  int busy_waits_max_ = 0;
  std::atomic<std::int64_t> process_ = 0;
  bool wrote_ = false;
  bool begun_ = false;   // begin() was called, and neither commit() nor rollback() since
  bool doomed_ = false;  // a statement has failed since begin()
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
  std::int64_t id_block_;
  std::optional<std::int64_t> data_version_;  // changes when another connection has written
  Block blocks_[static_cast<std::size_t>(Sequence::count)];
};

}  // namespace epay::db
