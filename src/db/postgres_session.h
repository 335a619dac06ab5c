// One session with a PostgreSQL server: statements go out one behind the other without waiting, and what they answered
// is read when somebody wants to know. One thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/timestamp.h"
#include "db/database.h"
#include "db/postgres_sets.h"
#include "db/postgres_values.h"

struct pg_conn;
struct pg_result;

namespace epay::db {

struct ClearResult {
  void operator()(pg_result* result) const;
};
using OwnedResult = std::unique_ptr<pg_result, ClearResult>;

struct PostgresOptions {
  std::string url;  // postgresql://…, with several hosts where there are standbys
  // For an answer of the server; a session that has waited for longer is given up. 0: for ever.
  milliseconds answer_wait_max = seconds(10);
  milliseconds connect_wait_max = seconds(3);  // for each host
};

class PostgresSession {
 public:
  // Of one answer: the number of rows changed, or the rows.
  using TakeResult = std::function<void(OwnedResult result)>;

  // Connects to the host that takes writes. Throws StoreFailure.
  explicit PostgresSession(const PostgresOptions& options);
  ~PostgresSession();
  PostgresSession(const PostgresSession&) = delete;
  PostgresSession& operator=(const PostgresSession&) = delete;

  // Sends a statement that is prepared once per session. Its answer is read by settle(). Throws StoreFailure.
  void send(const Sql& sql, std::span<const Value> values, TakeResult take = {});
  // The types of its parameters, once the server has told.
  const std::optional<std::vector<TypeId>>& types_of(const Sql& sql) { return prepare(sql).types; }
  // Reads all answers that have not been read. Throws StoreFailure with the first error among them: nothing behind it
  // was done.
  void settle();
  // Statements without parameters, on their own; rows are not looked at. Throws StoreFailure.
  void execute_text(const std::string& sql);
  // Waits until the server has something to say of its own or `wake` can be read, at most so long. False when there was
  // nothing.
  bool wait_for_news(milliseconds wait_max, int wake);
  // Names the channel and content of each notification that has arrived.
  void take_notifications(const std::function<void(std::string_view channel, std::string_view content)>& each);

  // Nothing can be asked of it any more.
  bool lost() const { return lost_; }
  // Of the last error: five characters, "" where none came from the server.
  const std::string& state() const { return state_; }
  const std::string& message() const { return message_; }
  std::string_view failed_statement() const { return failed_statement_; }

 private:
  struct Statement {
    std::string name;  // it is prepared under
    std::optional<std::vector<TypeId>> types;
  };
  struct Awaited {
    std::string_view text;
    TakeResult take;
    enum class What : std::uint8_t { prepared, described, done } what;
  };
  Statement& prepare(const Sql& sql);
  void take_answer(const Awaited& awaited, OwnedResult result, std::string& failure);
  void flush();
  void wait_for_answer();
  OwnedResult next_result();
  void note_error(const pg_result* result, std::string_view doing);
  [[noreturn]] void lose(std::string_view doing);

  const PostgresOptions& options_;
  pg_conn* connection_ = nullptr;
  std::unordered_map<const char*, Statement> statements_;
  std::deque<Awaited> awaited_;
  PostgresParameters parameters_;
  bool lost_ = false;
  std::string state_, message_;
  std::string_view failed_statement_;
};

}  // namespace epay::db
