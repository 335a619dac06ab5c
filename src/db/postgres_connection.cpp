#include "db/postgres_connection.h"

#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <thread>

#include "base/check.h"
#include "db/postgres_pieces.h"
#include "db/postgres_schema.h"

namespace epay::db {
namespace {

// One transaction at a time has the lock of everything; those with lanes share it.
constexpr std::int64_t everything_key = 0;
constexpr std::int64_t unknown_count = -1;
constexpr milliseconds doubt_wait{100};

constexpr Sql begin_write{"BEGIN"};
constexpr Sql begin_read{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
constexpr Sql commit_all{"COMMIT"};
constexpr Sql roll_back{"ROLLBACK"};
constexpr Sql lock_everything{"SELECT pg_advisory_xact_lock($1)"};
constexpr Sql share_everything{"SELECT pg_advisory_xact_lock_shared($1)"};
// One after the other, in the order of the array.
constexpr Sql lock_lanes_of{"SELECT pg_advisory_xact_lock(key) FROM unnest(CAST($1 AS int8[])) AS lanes(key)"};
// What a body does is a few rows by their keys. The planner of a new store, which knows no figures yet, is not to think
// otherwise. A writer that has vanished in the middle of a transaction lets go of its lanes soon: whoever waits for
// them must not be taken for dead meanwhile (processes::Membership). Between two statements there is no time to speak
// of.
constexpr const char* writer_settings =
    "SET enable_hashjoin = off; SET enable_mergejoin = off; SET idle_in_transaction_session_timeout = '2s'";
constexpr Sql set_mark{
    "INSERT INTO commit_marks AS mark (id, number, set_at) VALUES ($1, $2, now()) "
    "ON CONFLICT (id) DO UPDATE SET number = excluded.number, set_at = excluded.set_at"};
constexpr Sql select_mark{"SELECT number FROM commit_marks WHERE id = $1"};
constexpr Sql new_mark{"SELECT nextval('commit_mark_ids')"};
// Held as long as the session lives: who has it knows that the other session will never commit anything more. In a room
// of its own: two numbers are another lock than one.
constexpr Sql lock_mark{
    "SELECT pg_advisory_lock(hashtext(current_schema()), CAST(CAST($1 AS bigint) % 2147483647 AS integer))"};
constexpr Sql unlock_mark{
    "SELECT pg_advisory_unlock(hashtext(current_schema()), CAST(CAST($1 AS bigint) % 2147483647 AS integer))"};
// Locks are the whole database's; two stores may share one, each in a schema.
constexpr Sql select_salt{"SELECT hashtextextended(current_schema(), 0)"};

// The server's words for: two transactions waited for each other, or could not be put into an order.
bool is_conflict(const std::string& state) { return state == "40P01" || state == "40001"; }

std::int64_t changes_in(pg_result* result) {
  const std::string_view text = PQcmdTuples(result);
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

}  // namespace

PostgresSession& PostgresConnection::session() {
  if (!session_ || session_->lost()) connect();
  return *session_;
}

void PostgresConnection::connect() {
  session_.reset();
  const auto now = std::chrono::steady_clock::now();
  if (now < away_until_) throw StoreFailure(message_);
  try {
    session_ = std::make_unique<PostgresSession>(options_);
    away_ = milliseconds(0);
    if (access_ == Access::read_only) return;
    session_->execute_text(writer_settings);
    session_->send(select_salt, {}, [this](OwnedResult result) { salt_ = PostgresRow(result.get()).integer(0); });
    session_->send(new_mark, {}, [this](OwnedResult result) { mark_id_ = PostgresRow(result.get()).integer(0); });
    session_->settle();
    const Value mark[] = {mark_id_};
    session_->send(lock_mark, mark);
    session_->settle();
  } catch (const StoreFailure& failure) {
    message_ = failure.what();
    session_.reset();
    away_ = std::clamp(away_ * 2, away_min, away_max);
    away_until_ = std::chrono::steady_clock::now() + away_;
    throw;
  }
}

void PostgresConnection::fail_now(const StoreFailure& failure) {
  doomed_ = true;
  statement_failed_ = true;
  message_ = failure.what();
  // Nothing of it is in the store: a commit has its own way.
  try_again_ = try_again_ || !session_ || session_->lost() || is_conflict(session_->state());
  throw failure;
}

bool PostgresConnection::may_try_again() const { return try_again_; }

void PostgresConnection::begin(std::span<Job* const> jobs) {
  doomed_ = wrote_ = wrote_any_ = statement_failed_ = try_again_ = false;
  counts_.clear();
  PostgresSession& session = this->session();
  begun_ = true;
  try {
    session.send(access_ == Access::read_write ? begin_write : begin_read, {});
    if (access_ == Access::read_only) return;
    lock_lanes(jobs);
    ids_.begin(session, jobs.size());
  } catch (const StoreFailure& failure) {
    fail_now(failure);
  }
}

void PostgresConnection::lock_lanes(std::span<Job* const> jobs) {
  const Value everything[] = {everything_key ^ salt_};
  if (std::ranges::any_of(jobs, [](const Job* job) { return job->lane.is_everything(); })) {
    session_->send(lock_everything, everything);
    return;
  }
  std::vector<std::int64_t> keys;
  for (const Job* job : jobs) {
    if (!job->lane.is_unordered()) keys.push_back(job->lane.key() ^ salt_);
  }
  if (keys.empty()) return;
  session_->send(share_everything, everything);
  // All take them in this order, so that no two wait for each other.
  std::ranges::sort(keys);
  keys.erase(std::ranges::unique(keys).begin(), keys.end());
  std::vector<Value> values(keys.begin(), keys.end());
  std::vector<std::span<const Value>> rows;
  for (const Value& value : values) rows.emplace_back(&value, 1);
  const auto array = to_array(type_int8, rows, 0);
  const Value lanes[] = {Bytes{*array}};
  session_->send(lock_lanes_of, lanes);
}

bool PostgresConnection::run_bodies(std::span<Job* const> jobs) {
  const auto end = strands_.run(*session_, ids_, process(), jobs);
  wrote_any_ = strands_.wrote();
  if (end != PostgresStrands::End::failed) return end == PostgresStrands::End::all_ran;
  const StoreFailure failure(strands_.failure());
  try_again_ = strands_.set_refused();
  if (strands_.session_failed()) fail_now(failure);
  doomed_ = statement_failed_ = true;
  throw failure;
}

std::int64_t PostgresConnection::next_id(Sequence sequence) {
  for (;;) {
    if (const auto id = ids_.next(sequence)) return *id;
    try {
      ids_.ask(*session_, sequence, 1);
      session_->settle();
    } catch (const StoreFailure& failure) {
      fail_now(failure);
    }
  }
}

bool PostgresConnection::keep_pieces(TimedTable table, Timestamp before, Timestamp now) {
  EPAY_CHECK(begun_);
  if (doomed_) throw StoreFailure("a statement before has failed");
  wrote_ = wrote_any_ = true;
  try {
    db::keep_pieces(*session_, table, before, now);
  } catch (const StoreFailure& failure) {
    fail_now(failure);
  }
  return true;
}

Changes PostgresConnection::run(const Sql& sql, std::span<const Value> values, RowSink* rows) {
  EPAY_CHECK(begun_);
  if (doomed_) throw StoreFailure("a statement before has failed");
  const std::uint64_t ticket = counts_.size();
  counts_.push_back(unknown_count);
  OwnedResult found;
  try {
    session_->send(sql, values, [&, this, keep = rows != nullptr, ticket](OwnedResult result) {
      counts_[ticket] = changes_in(result.get());
      if (keep) found = std::move(result);
    });
    if (rows == nullptr) {
      wrote_ = wrote_any_ = true;
      return Changes(*this, ticket);
    }
    session_->settle();
  } catch (const StoreFailure& failure) {
    fail_now(failure);
  }
  if (!std::string_view(PQcmdStatus(found.get())).starts_with("SELECT")) wrote_ = wrote_any_ = true;
  PostgresRow row(found.get());
  for (int i = 0; i < PQntuples(found.get()); ++i) {
    row.set_row(i);
    rows->row(row);
  }
  return Changes(counts_[ticket]);
}

std::int64_t PostgresConnection::changes_of(std::uint64_t ticket) {
  EPAY_CHECK(ticket < counts_.size());
  if (counts_[ticket] == unknown_count) {
    try {
      session_->settle();
    } catch (const StoreFailure& failure) {
      fail_now(failure);
    }
  }
  return counts_[ticket];
}

void PostgresConnection::end() {
  begun_ = false;
  ids_.end();
}

void PostgresConnection::mark() {
  const Value values[] = {mark_id_, ++mark_number_};
  session_->send(set_mark, values);
}

Connection::CommitEnd PostgresConnection::commit() {
  EPAY_CHECK(sound());
  const bool marked = wrote_any_;
  try {
    if (marked) mark();
    session_->send(commit_all, {});
    session_->settle();
    end();
    return CommitEnd::durable;
  } catch (const StoreFailure& failure) {
    message_ = failure.what();
    doomed_ = true;
  }
  if (!session_->lost()) {
    statement_failed_ = true;
    strands_.note_failure(StoreFailure(message_));
    try_again_ = is_conflict(session_->state()) || strands_.set_refused();
    return CommitEnd::undone;
  }
  end();
  const CommitEnd found = marked ? find_out() : CommitEnd::undone;
  try_again_ = found == CommitEnd::undone;
  return found;
}

// The answer to a commit was lost. Once the session that asked is gone at the server's side too, its mark tells.
Connection::CommitEnd PostgresConnection::find_out() {
  const Value mark[] = {mark_id_};
  const std::int64_t number = mark_number_;
  const auto until = std::chrono::steady_clock::now() + doubt_max;
  while (std::chrono::steady_clock::now() < until) {
    try {
      PostgresSession& session = this->session();
      std::int64_t found = 0;
      session.send(lock_mark, mark);
      session.send(select_mark, mark, [&found](OwnedResult result) {
        if (PQntuples(result.get()) == 1) found = PostgresRow(result.get()).integer(0);
      });
      session.send(unlock_mark, mark);
      session.settle();
      return found == number ? CommitEnd::durable : CommitEnd::undone;
    } catch (const StoreFailure& failure) {
      message_ = failure.what();
    }
    std::this_thread::sleep_for(doubt_wait);
  }
  return CommitEnd::unknown;
}

void PostgresConnection::rollback() {
  if (!begun_) return;
  end();
  if (!session_ || session_->lost()) return;
  // What was sent and not looked at may have failed, and everything behind it with it.
  try {
    session_->settle();
  } catch (const StoreFailure&) {
  }
  try {
    session_->send(roll_back, {});
    session_->settle();
  } catch (const StoreFailure&) {
  }
}

}  // namespace epay::db
