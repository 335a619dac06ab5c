#include "db/sqlite_batch_runner.h"

#include <cstdlib>

namespace epay::db {

void SqliteBatchRunner::run(std::span<Job* const> jobs) {
  const Again again = jobs.size() == 1 ? Again::never : Again::may;
  if (!begin(jobs)) return;
  for (Job* job : jobs) {
    if (stands(*job, again)) continue;
    connection_.rollback();
    // Alone, each can be undone without touching the others. A savepoint for every body would cost a quarter of the
    // throughput, and a body that fails after it has changed something is rare.
    if (again == Again::may) run_one_by_one(jobs);
    return;
  }
  commit(jobs);
}

void SqliteBatchRunner::run_one_by_one(std::span<Job* const> jobs) {
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    // When the file is locked, it is for the rest too: none of them waits for the lock again.
    if (!begin(jobs.subspan(i))) return;
    if (stands(*jobs[i], Again::never)) {
      commit(jobs.subspan(i, 1));
    } else {
      connection_.rollback();
    }
  }
}

bool SqliteBatchRunner::begin(std::span<Job* const> jobs) {
  try {
    connection_.begin();
    return true;
  } catch (const StoreFailure& failure) {
    connection_.rollback();
    fail_all(jobs, "begin", failure.what());
    return false;
  }
}

// Runs the job. False when what the transaction holds must be undone; if it is never to run again, it has its error
// then.
bool SqliteBatchRunner::stands(Job& job, Again again) {
  connection_.take_wrote();
  try {
    const bool succeeded = job.run(connection_);
    if (!connection_.sound()) throw StoreFailure("the body hid that a statement failed");
    return succeeded || !connection_.take_wrote();
  } catch (const std::exception& failure) {
    Job* const alone[] = {&job};
    if (again == Again::never) fail_all(alone, "statement", failure.what());
    return false;
  }
}

void SqliteBatchRunner::commit(std::span<Job* const> jobs) {
  const auto end = connection_.commit();
  if (end == SqliteConnection::CommitEnd::durable) return;
  const std::string why = connection_.error_message();
  // To go on would be to guess what the file holds. A new process reads it as it is.
  if (end == SqliteConnection::CommitEnd::unknown) {
    fatal_(why);
    std::abort();
  }
  connection_.rollback();
  fail_all(jobs, "commit", why);
}

void SqliteBatchRunner::fail_all(std::span<Job* const> jobs, std::string_view doing, std::string_view why) {
  log_.error("store_failed", {{"doing", doing}, {"bodies", jobs.size()}, {"error", why}});
  for (Job* job : jobs) job->fail({ErrorCode::unavailable, "The store cannot do this now; nothing was changed", {}});
}

}  // namespace epay::db
