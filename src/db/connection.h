// One connection to a store that can run transactions. For drivers; one thread at a time.
#pragma once

#include <span>
#include <string>

#include "db/database.h"

namespace epay::db {

class Connection : public Transaction {
 public:
  // What became of a transaction that was to be committed.
  enum class CommitEnd {
    durable,
    undone,   // nothing of it is in the store, nor ever will be; see error_message()
    unknown,  // the store may or may not hold it
  };
  virtual ~Connection() = default;

  // Begins a transaction for these jobs. Throws StoreFailure.
  virtual void begin(std::span<Job* const> jobs) = 0;
  // Runs their bodies, by default one after the other. False when all they changed is to be undone, since one that has
  // changed something answered an error. Throws what a body throws, and StoreFailure.
  virtual bool run_bodies(std::span<Job* const> jobs) {
    for (Job* job : jobs) {
      take_wrote();
      const bool succeeded = job->run(*this);
      if (!sound()) throw StoreFailure("the body hid that a statement failed");
      if (!succeeded && take_wrote()) return false;
    }
    return true;
  }
  virtual CommitEnd commit() = 0;
  // Never throws: it ends a transaction that may be over already.
  virtual void rollback() = 0;
  // Whether the transaction is open and may be committed: a statement that fails dooms it, also when a body hides that.
  virtual bool sound() const = 0;
  // Whether rows may have been changed since the last call. Reserved ids do not count: no one minds if they stay
  // reserved.
  virtual bool take_wrote() = 0;
  // Whether what failed last may succeed when it is done again at once: two that waited for each other, a lost
  // connection.
  virtual bool may_try_again() const = 0;
  // Whether it was a statement of the transaction that failed its commit.
  virtual bool statement_failed() const = 0;
  virtual std::string error_message() const = 0;

  // Statements that are made while the program runs. Their texts must stay where they are as long as the connection.
  Changes execute_values(const Sql& sql, std::span<const Value> values) { return run(sql, values, nullptr); }
  template <class Each>
  void query_values(const Sql& sql, std::span<const Value> values, Each each) {
    struct Sink final : RowSink {
      Each& each;
      explicit Sink(Each& e) : each(e) {}
      void row(const Row& row) override { each(row); }
    } sink(each);
    run(sql, values, &sink);
  }
};

}  // namespace epay::db
