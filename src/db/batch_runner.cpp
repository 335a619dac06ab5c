#include "db/batch_runner.h"

namespace epay::db {

void BatchRunner::run(std::span<Job* const> jobs) {
  // Alone, each can be undone without touching the others. A savepoint for every body would cost a quarter of the
  // throughput, and a body that fails after it has changed something is rare.
  if (run_until_answered(jobs) == End::one_by_one) run_one_by_one(jobs);
}

void BatchRunner::run_one_by_one(std::span<Job* const> jobs) {
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (run_until_answered(jobs.subspan(i, 1)) != End::away) continue;
    // When the store cannot begin, it cannot for the rest too: none of them waits for it again.
    fail_all(jobs.subspan(i + 1), "begin", connection_.error_message());
    return;
  }
}

BatchRunner::End BatchRunner::run_until_answered(std::span<Job* const> jobs) {
  for (int tries = 1;; ++tries) {
    const End end = run_together(jobs, tries < tries_max ? Again::may : Again::never);
    if (end != End::again) return end;
  }
}

BatchRunner::End BatchRunner::run_together(std::span<Job* const> jobs, Again again) {
  std::string_view doing = "begin";
  try {
    connection_.begin(jobs);
    doing = "statement";
    if (!connection_.run_bodies(jobs)) {
      connection_.rollback();
      return jobs.size() == 1 ? End::answered : End::one_by_one;
    }
  } catch (const std::exception& failure) {
    const std::string why = failure.what();
    const bool try_again = again == Again::may && connection_.may_try_again();
    connection_.rollback();
    if (try_again) return End::again;
    // A store that cannot begin is away for all of them; a statement may have failed for one alone.
    if (doing == "statement" && jobs.size() > 1) return End::one_by_one;
    fail_all(jobs, doing, why);
    return doing == "begin" ? End::away : End::answered;
  }
  return commit(jobs, again);
}

BatchRunner::End BatchRunner::commit(std::span<Job* const> jobs, Again again) {
  const auto end = connection_.commit();
  if (end == Connection::CommitEnd::durable) return End::answered;
  const std::string why = connection_.error_message();
  if (end == Connection::CommitEnd::unknown) {
    on_unknown_(why);
    fail_all(jobs, "commit", why, "The store did not answer: whether this was done is not known");
    return End::answered;
  }
  const bool try_again = again == Again::may && connection_.may_try_again();
  // One of their statements, which nobody had asked about yet.
  const bool apart = connection_.statement_failed() && jobs.size() > 1;
  connection_.rollback();
  if (try_again) return End::again;
  if (apart) return End::one_by_one;
  fail_all(jobs, "commit", why);
  return End::answered;
}

void BatchRunner::fail_all(std::span<Job* const> jobs, std::string_view doing, std::string_view why,
                           std::string_view told) {
  if (jobs.empty()) return;
  log_.error("store_failed", {{"doing", doing}, {"bodies", jobs.size()}, {"error", why}});
  for (Job* job : jobs) job->fail({ErrorCode::unavailable, std::string(told), {}});
}

}  // namespace epay::db
