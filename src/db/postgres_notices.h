// News between the processes that serve one PostgreSQL store: LISTEN and NOTIFY, on a session and a thread of their
// own. Never in the transaction that they tell of: the server lets those that notify commit one at a time.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/log.h"
#include "db/notices.h"
#include "db/postgres_session.h"
#include "runtime/clock.h"

namespace epay::db {

class PostgresNotices {
 public:
  // `hear` is called on the reactor thread, which must also be the one that destroys this.
  PostgresNotices(Clock& clock, Log& log, const PostgresOptions& options, std::function<void(const Notice&)> hear);
  ~PostgresNotices();
  PostgresNotices(const PostgresNotices&) = delete;
  PostgresNotices& operator=(const PostgresNotices&) = delete;

  // Sent together with what else is announced meanwhile, each once. Lost where the server is away.
  void announce(const Notice& notice);

  static constexpr std::size_t waiting_max = 4'096;  // not sent yet; more are dropped
  static constexpr milliseconds away_wait{500};      // before the server is tried again

 private:
  struct Arrived;  // outlives this, as far as the clock is still to look at it
  void serve();
  void serve_session(PostgresSession& session);
  bool send(PostgresSession& session, const std::string& channel);

  Clock& clock_;
  Log& log_;
  const PostgresOptions& options_;
  std::shared_ptr<Arrived> arrived_;
  std::mutex mutex_;
  std::vector<Notice> waiting_;  // under mutex_
  std::atomic<bool> closing_ = false;
  int wake_ = -1;  // an eventfd
  std::thread thread_;
};

}  // namespace epay::db
