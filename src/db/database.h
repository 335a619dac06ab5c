// The one door to the store. What is true lives here; a body of plain statements reads or changes it in one
// transaction.
#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "db/lane.h"
#include "db/notices.h"
#include "db/work_meter.h"
#include "runtime/task.h"

namespace epay::db {

// A statement: constexpr text with $1…, of static storage (drivers prepare it once and remember it by its address).
struct Sql {
  std::string_view text;
};

// Binary content of a column, as a parameter.
struct Bytes {
  std::string_view content;
};

// A parameter. Texts and bytes are borrowed for the call.
using Value = std::variant<std::nullptr_t, std::int64_t, std::string_view, Bytes>;

inline Value to_value(std::nullptr_t) { return nullptr; }
inline Value to_value(std::string_view text) { return text; }
inline Value to_value(const char* text) { return std::string_view(text); }
inline Value to_value(const std::string& text) { return std::string_view(text); }
inline Value to_value(Bytes bytes) { return bytes; }
inline Value to_value(Timestamp time) { return time.micros; }
template <class Number>
  requires std::is_integral_v<Number> || std::is_enum_v<Number>
Value to_value(Number number) {
  return static_cast<std::int64_t>(number);
}
template <class Tag>
Value to_value(Id<Tag> id) {
  return id.value;
}
template <class T>
Value to_value(const std::optional<T>& content) {
  return content ? to_value(*content) : Value(nullptr);
}

// The row a query stands on; columns are counted from 0 in the order the statement names them. Texts live until the
// next row.
class Row {
 public:
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual std::string_view text(int column) const = 0;  // bytes too

  template <class IdType>
  IdType id(int column) const {
    return IdType{integer(column)};
  }
  template <class Enum>
  Enum as(int column) const {
    return static_cast<Enum>(integer(column));
  }
  Timestamp time(int column) const { return {integer(column)}; }
  std::string string(int column) const { return std::string(text(column)); }
  std::optional<std::string> optional_string(int column) const {
    return is_null(column) ? std::nullopt : std::optional(string(column));
  }
  std::optional<std::int64_t> optional_integer(int column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
  }

 protected:
  ~Row() = default;
};

// Where new row ids come from. They grow; a rolled-back transaction may leave a gap.
// (Events are numbered per merchant, in the order of their commits: events/event_store.h.)
enum class Sequence {
  merchant,
  user,
  integration,
  customer,
  payment,
  transfer,
  endpoint,
  redelivery,
  mail,
  text_message,
  page,
  image,
  process,
  recipient,
  bulk_payout,
  count
};

// Of which a store may keep rows in pieces of time.
enum class TimedTable { delivery_attempts };

class Transaction;

// How many rows a statement inserted, changed or deleted. A store at the other end of a wire answers when it is asked:
// who does not look at it does not wait for it. Gone with its transaction.
class Changes {
 public:
  explicit Changes(std::int64_t count) : count_(count) {}
  Changes(Transaction& transaction, std::uint64_t ticket) : transaction_(&transaction), ticket_(ticket) {}
  operator std::int64_t() const;  // throws StoreFailure

 private:
  Transaction* transaction_ = nullptr;
  std::uint64_t ticket_ = 0;
  std::int64_t count_ = 0;
};

// Rows that have been asked for: an optional, or a vector. Gone with its transaction.
template <class Found>
class Later {
 public:
  Later(std::shared_ptr<Found> found, Changes answered) : found_(std::move(found)), answered_(std::move(answered)) {}
  // Waits for it, and for whatever was asked before it. Throws StoreFailure.
  Found& get() {
    static_cast<void>(static_cast<std::int64_t>(answered_));
    return *found_;
  }

 private:
  std::shared_ptr<Found> found_;
  Changes answered_;
};

class Transaction {
 public:
  // What takes the rows of an answer.
  class RowSink {
   public:
    virtual void row(const Row& row) = 0;

   protected:
    ~RowSink() = default;
  };

  // Runs a statement that gives no rows.
  template <class... Args>
  Changes execute(const Sql& sql, const Args&... args) {
    const Value values[] = {to_value(args)..., nullptr};
    return run(sql, {values, sizeof...(Args)}, nullptr);
  }
  // The first row, read by `read(const Row&)`.
  template <class Read, class... Args>
  auto query_one(const Sql& sql, Read read, const Args&... args)
      -> std::optional<std::invoke_result_t<Read&, const Row&>> {
    std::optional<std::invoke_result_t<Read&, const Row&>> found;
    query_each(
        sql,
        [&](const Row& row) {
          if (!found) found.emplace(read(row));
        },
        args...);
    return found;
  }
  // The same without waiting: several such questions take one trip to a store at the other end of a wire. `read` must
  // not ask anything itself.
  template <class Read, class... Args>
  auto ask_one(const Sql& sql, Read read, const Args&... args)
      -> Later<std::optional<std::invoke_result_t<Read&, const Row&>>> {
    using Found = std::optional<std::invoke_result_t<Read&, const Row&>>;
    return ask<Found>(
        sql,
        [read = std::move(read)](Found& found, const Row& row) mutable {
          if (!found) found.emplace(read(row));
        },
        args...);
  }
  template <class Read, class... Args>
  auto ask_all(const Sql& sql, Read read, const Args&... args)
      -> Later<std::vector<std::invoke_result_t<Read&, const Row&>>> {
    using Found = std::vector<std::invoke_result_t<Read&, const Row&>>;
    return ask<Found>(
        sql, [read = std::move(read)](Found& found, const Row& row) mutable { found.push_back(read(row)); }, args...);
  }
  template <class Read, class... Args>
  auto query_all(const Sql& sql, Read read, const Args&... args)
      -> std::vector<std::invoke_result_t<Read&, const Row&>> {
    std::vector<std::invoke_result_t<Read&, const Row&>> rows;
    query_each(sql, [&](const Row& row) { rows.push_back(read(row)); }, args...);
    return rows;
  }
  // Calls `each(const Row&)` on every row, one at a time.
  template <class Each, class... Args>
  void query_each(const Sql& sql, Each each, const Args&... args) {
    struct Sink final : RowSink {
      Each& each;
      explicit Sink(Each& e) : each(e) {}
      void row(const Row& row) override { each(row); }
    } sink(each);
    const Value values[] = {to_value(args)..., nullptr};
    run(sql, {values, sizeof...(Args)}, &sink);
  }

  // Where the store keeps the table in pieces of time: makes them ahead of `now` and drops those that ended before
  // `before`. False where it does not; there old rows are deleted.
  virtual bool keep_pieces(TimedTable table, Timestamp before, Timestamp now) = 0;

  virtual std::int64_t next_id(Sequence sequence) = 0;
  // As whom this process claims work in the store; nobody, where it is alone or does not serve.
  virtual ProcessId process() const = 0;

 protected:
  ~Transaction() = default;
  // Throws StoreFailure when the store itself fails; of a statement without rows perhaps only with the next one.
  virtual Changes run(const Sql& sql, std::span<const Value> values, RowSink* rows) = 0;
  // The rows come before somebody looks at the count.
  virtual Changes run_later(const Sql& sql, std::span<const Value> values, const std::shared_ptr<RowSink>& rows) {
    return run(sql, values, rows.get());
  }
  virtual std::int64_t changes_of(std::uint64_t ticket) = 0;

 private:
  template <class Found, class Each, class... Args>
  Later<Found> ask(const Sql& sql, Each each, const Args&... args) {
    struct Sink final : RowSink {
      Each each;
      Found found;
      explicit Sink(Each e) : each(std::move(e)) {}
      void row(const Row& row) override { each(found, row); }
    };
    const auto sink = std::make_shared<Sink>(std::move(each));
    const Value values[] = {to_value(args)..., nullptr};
    return {std::shared_ptr<Found>(sink, &sink->found), run_later(sql, {values, sizeof...(Args)}, sink)};
  }
  friend class Changes;
};

inline Changes::operator std::int64_t() const { return transaction_ ? transaction_->changes_of(ticket_) : count_; }

// The store failed (disk full, I/O error, locked too long), or a statement broke a rule of the schema: the transaction
// is undone, also when its body catches this, and its callers hear `unavailable`. A conflict that the domain can answer
// is asked for with ON CONFLICT DO NOTHING instead.
class StoreFailure : public std::exception {
 public:
  explicit StoreFailure(std::string what) : what_(std::move(what)) {}
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  std::string what_;
};

// A queued body, living in the frame of the coroutine that waits for it. For drivers.
class Job {
 public:
  // Runs the body; false when it answered an error, so that its changes are to be undone. May run again after an undo.
  virtual bool run(Transaction& transaction) = 0;
  virtual void fail(Error error) = 0;

  std::coroutine_handle<> waiting;
  Lane lane = Lane::everything();

 protected:
  ~Job() = default;
};

// For operators. Bytes are known where the store is a file of this machine's.
struct StoreFigures {
  WorkFigures writes, reads;
  struct Files {
    std::uintmax_t bytes = 0, log_bytes = 0, disk_free_bytes = 0;
  };
  std::optional<Files> files;
};

class Database {
 public:
  virtual ~Database() = default;

  virtual StoreFigures figures() const { return {}; }

  // Runs `body`, a synchronous function of Transaction& giving a Result<T>, in a transaction and gives its result once
  // it is durable. When it is an error, its changes (and no other body's) are undone. The body touches only its
  // transaction and what it captured, on a thread of the store's, and may be run twice. `lane` says what the body may
  // touch (all of it, unless told). Error of our own: unavailable.
  template <class Body>
  auto write(Lane lane, Body body) -> Task<std::invoke_result_t<Body&, Transaction&>> {
    return submit(std::move(body), lane, &Database::submit_write);
  }
  template <class Body>
  auto write(Body body) -> Task<std::invoke_result_t<Body&, Transaction&>> {
    return submit(std::move(body), Lane::everything(), &Database::submit_write);
  }
  // The same on a snapshot, without the right to change anything.
  template <class Body>
  auto read(Body body) -> Task<std::invoke_result_t<Body&, Transaction&>> {
    return submit(std::move(body), Lane::unordered(), &Database::submit_read);
  }

  // Where bodies run on the reactor thread, after the clock's own drop_all(): forgets what is queued, as a crash does.
  virtual void drop_all() = 0;

  // Whether other processes may serve the store beside this one: then work is claimed in it.
  virtual bool is_shared() const { return false; }
  // What Transaction::process() says from now on, also in bodies that are queued already.
  virtual void set_process(ProcessId process) = 0;
  // Tells the processes that serve the store, this one perhaps too, that there is something to read. May be lost.
  virtual void announce(const Notice&) {}
  // Called on the reactor thread for every notice that arrives.
  void on_notice(std::function<void(const Notice&)> listener) { listeners_.push_back(std::move(listener)); }

 protected:
  virtual void submit_write(Job& job) = 0;
  virtual void submit_read(Job& job) = 0;
  void hear(const Notice& notice) const {
    for (const auto& listener : listeners_) listener(notice);
  }

 private:
  template <class Body>
  struct BodyJob final : Job {
    explicit BodyJob(Body b) : body(std::move(b)) {}
    bool run(Transaction& transaction) override {
      answer.emplace(body(transaction));
      return answer->has_value();
    }
    void fail(Error error) override { answer.emplace(std::unexpected(std::move(error))); }

    Body body;
    std::optional<std::invoke_result_t<Body&, Transaction&>> answer;
  };

  template <class Body>
  auto submit(Body body, Lane lane, void (Database::*submit_job)(Job&))
      -> Task<std::invoke_result_t<Body&, Transaction&>> {
    struct Submitted {
      Database& database;
      Job& job;
      void (Database::*submit_job)(Job&);
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> self) {
        job.waiting = self;
        (database.*submit_job)(job);
      }
      void await_resume() const noexcept {}
    };
    BodyJob<Body> job(std::move(body));
    job.lane = lane;
    co_await Submitted{*this, job, submit_job};
    co_return std::move(*job.answer);
  }

  std::vector<std::function<void(const Notice&)>> listeners_;
};

}  // namespace epay::db
