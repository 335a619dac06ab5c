// Runs the bodies of one transaction beside each other. Each goes on until it needs an answer; then all that they want
// of the server goes there in one trip, what is the same statement as one set. Bodies of one lane follow each other.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "db/database.h"
#include "db/fiber.h"
#include "db/postgres_session.h"
#include "db/postgres_sets.h"

namespace epay::db {

// Ids that were taken in a transaction: they are given out in it or never, for those of the next transaction of a lane
// must be larger, whichever process runs it.
class TakenIds {
 public:
  // Asks for as many as the last transaction of `jobs_before` jobs makes likely.
  void begin(PostgresSession& session, std::size_t jobs);
  void end();
  std::optional<std::int64_t> next(Sequence sequence);
  void ask(PostgresSession& session, Sequence sequence, std::size_t count);

 private:
  struct Ids {
    std::vector<std::int64_t> values;
    std::size_t used = 0;
    std::size_t used_before = 0;  // in the last transaction
  };
  std::array<Ids, static_cast<std::size_t>(Sequence::count)> ids_;
  std::size_t jobs_ = 0, jobs_before_ = 0;
};

class PostgresStrands {
 public:
  enum class End {
    all_ran,
    one_is_to_be_undone,  // it has changed something and answered an error
    failed,               // a statement; the session knows why
  };
  PostgresStrands();
  ~PostgresStrands();

  // The session has begun a transaction. What the bodies asked for last may not be answered yet. Throws what a body
  // throws but StoreFailure.
  End run(PostgresSession& session, TakenIds& ids, ProcessId process, std::span<Job* const> jobs);
  bool wrote() const { return wrote_; }
  // The session failed later, with an answer that was still to come.
  void note_failure(const StoreFailure& failure);
  // After a failure: why; whether the session has failed, or only what came back could not be told apart; whether it
  // was a set that the server refused, which is not tried again.
  const std::string& failure() const { return *failure_; }
  bool session_failed() const { return session_failed_; }
  bool set_refused() const { return set_refused_; }

 private:
  struct Asked;
  class Strand;
  // A statement as a set, once it has been tried.
  struct Set {
    std::optional<SetStatement> statement;  // nothing: it is none
    Sql sql;
  };
  void sort_into_strands(std::span<Job* const> jobs);
  void go_on();
  void ask_for_all();
  void send_all();
  void settle();
  void ask_for_ids();
  void send_same(std::span<Asked* const> same);
  void send_alone(Asked& asked);
  bool send_set(Set& set, std::span<Asked* const> asked, const std::vector<TypeId>& types);
  Set* find_set(const Sql& sql, const std::vector<TypeId>& types);
  void note_refused_set();
  void fail(std::string why);

  std::unordered_map<const char*, std::unique_ptr<Set>> sets_;  // by the address of the statement's text
  std::vector<std::unique_ptr<Fiber>> fibers_;                  // as many as were ever needed at once
  std::vector<std::unique_ptr<Strand>> strands_;                // of this transaction
  std::vector<std::unique_ptr<Strand>> last_;                   // their answers may still come
  PostgresSession* session_ = nullptr;
  TakenIds* ids_ = nullptr;
  ProcessId process_;
  bool wrote_ = false;
  bool set_refused_ = false;
  bool session_failed_ = false;
  bool undo_ = false;
  std::optional<std::string> failure_;  // from here on everything a body asks fails
  std::exception_ptr thrown_;           // by a body
};

}  // namespace epay::db
