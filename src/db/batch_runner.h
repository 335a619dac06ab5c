// Runs queued bodies together in one transaction of one connection, so that each either stands or has left no trace.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "base/log.h"
#include "db/connection.h"

namespace epay::db {

class BatchRunner {
 public:
  // `on_unknown` is called when nobody can tell whether a commit happened. It may end the process; if it returns, the
  // callers hear that it is not known.
  BatchRunner(Connection& connection, Log& log, std::function<void(const std::string& why)> on_unknown)
      : connection_(connection), log_(log), on_unknown_(std::move(on_unknown)) {}

  // Afterwards every job has its answer, and the answers that are not errors are durable.
  void run(std::span<Job* const> jobs);

  // How often a transaction is begun again that failed for no reason of its own.
  static constexpr int tries_max = 5;

 private:
  enum class Again { may, never };
  // What became of an attempt to run jobs in one transaction.
  enum class End {
    answered,
    away,        // answered, with the news that the store cannot begin anything now
    again,       // all of it, as it was
    one_by_one,  // each in a transaction of its own
  };
  End run_until_answered(std::span<Job* const> jobs);
  End run_together(std::span<Job* const> jobs, Again again);
  void run_one_by_one(std::span<Job* const> jobs);
  End commit(std::span<Job* const> jobs, Again again);
  void fail_all(std::span<Job* const> jobs, std::string_view doing, std::string_view why,
                std::string_view told = "The store cannot do this now; nothing was changed");

  Connection& connection_;
  Log& log_;
  std::function<void(const std::string& why)> on_unknown_;
};

}  // namespace epay::db
