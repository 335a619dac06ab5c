// Sums up runs of payments and customers as they come of age, and takes what has changed into them: a little at a time,
// so that it never stands in the way of a payment. Reactor thread only.
#pragma once

#include "base/log.h"
#include "db/database.h"
#include "lists/search_blocks.h"
#include "processes/membership.h"
#include "runtime/clock.h"
#include "runtime/task_group.h"

namespace epay::lists {

class SearchIndexer {
 public:
  static constexpr seconds look_every{120};

  // Of all processes that serve the store the one that leads does it.
  SearchIndexer(Clock& clock, Log& log, db::Database& database, Membership& members)
      : clock_(clock), database_(database), members_(members), wake_(clock), tasks_(clock, log, "search") {
    members_.on_change([this] { wake_.notify(); });
  }

  // Begins, with what the store has left from before.
  void start() { tasks_.spawn(run()); }
  Task<void> stop(Ticks due);

 private:
  bool may_go_on() const { return !stopping_ && members_.leads(); }
  Task<void> run();
  Task<void> take_all_changes();
  Task<void> sum_up_all();
  // Whether the store did it.
  Task<bool> sum_up_owner(BlockOwner owner);
  Task<bool> put_together(BlockOwner owner);

  Clock& clock_;
  db::Database& database_;
  Membership& members_;
  Signal wake_;
  TaskGroup tasks_;
  bool stopping_ = false;
};

}  // namespace epay::lists
