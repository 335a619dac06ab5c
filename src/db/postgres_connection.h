// One connection to a PostgreSQL store, made again when it is lost. One thread at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "db/connection.h"
#include "db/postgres_session.h"
#include "db/postgres_strands.h"

namespace epay::db {

class PostgresConnection final : public Connection {
 public:
  enum class Access { read_write, read_only };
  // The options must outlive it. Connects when it is used first.
  PostgresConnection(const PostgresOptions& options, Access access) : options_(options), access_(access) {}

  // Takes the lanes of the jobs before anything is read: what one body decides on cannot change until its transaction
  // ends. A reader has one snapshot for all.
  void begin(std::span<Job* const> jobs) override;
  // When the connection is lost meanwhile, finds out by a mark that is committed with the rest.
  bool run_bodies(std::span<Job* const> jobs) override;
  CommitEnd commit() override;
  void rollback() override;
  bool sound() const override { return begun_ && !doomed_; }
  bool take_wrote() override { return std::exchange(wrote_, false); }
  bool may_try_again() const override;
  bool statement_failed() const override { return statement_failed_; }
  std::string error_message() const override { return message_; }

  bool keep_pieces(TimedTable table, Timestamp before, Timestamp now) override;
  std::int64_t next_id(Sequence sequence) override;
  ProcessId process() const override { return {process_}; }
  void set_process(ProcessId process) { process_ = process.value; }  // any thread

  // After a connection could not be made, none is tried for this long; then for twice as long, and so on.
  static constexpr milliseconds away_min{50};
  static constexpr milliseconds away_max{2'000};
  // For how long a commit is asked about whose answer was lost.
  static constexpr milliseconds doubt_max{30'000};

 protected:
  Changes run(const Sql& sql, std::span<const Value> values, RowSink* rows) override;
  std::int64_t changes_of(std::uint64_t ticket) override;

 private:
  PostgresSession& session();
  void connect();
  void lock_lanes(std::span<Job* const> jobs);
  void end();
  void mark();
  CommitEnd find_out();
  [[noreturn]] void fail_now(const StoreFailure& failure);

  const PostgresOptions& options_;
  Access access_;
  std::atomic<std::int64_t> process_ = 0;
  std::unique_ptr<PostgresSession> session_;
  std::chrono::steady_clock::time_point away_until_{};
  milliseconds away_{0};
  std::int64_t salt_ = 0;         // of the schema's locks
  std::int64_t mark_id_ = 0;      // of the session
  std::int64_t mark_number_ = 0;  // of the last commit that was tried
  bool begun_ = false;
  bool doomed_ = false;
  bool wrote_ = false;
  bool wrote_any_ = false;
  bool statement_failed_ = false;
  bool try_again_ = false;
  std::string message_;
  std::vector<std::int64_t> counts_;  // of the statements of this transaction, by ticket
  TakenIds ids_;
  PostgresStrands strands_;
};

}  // namespace epay::db
