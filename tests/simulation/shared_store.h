// The doors of several processes to one store, each with connections of its own. A door can be cut, as a network is,
// and news passes between them.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "db/sqlite_database.h"
#include "runtime/task_group.h"

namespace epay::simulation {

class SharedStore final : public db::Database {
 public:
  // Those that hear each other's notices.
  using Doors = std::vector<SharedStore*>;
  // What happens to a body while the door is cut.
  enum class Cut {
    none,
    fails,          // its caller hears `unavailable` after a while
    hangs,          // its caller hears it when the door is open again
    loses_replies,  // it is committed, and its caller hears `unavailable`
  };

  // `path`: of a store that somebody else keeps open.
  SharedStore(Clock& clock, Log& log, const std::string& path, Doors& doors)
      : clock_(clock), doors_(doors), tasks_(clock, log, "door") {
    auto opened =
        db::SqliteDatabase::open(clock, log, {.path = path, .threading = db::Threading::inline_steps, .shared = true});
    EPAY_CHECK(opened.has_value());
    inner_ = *std::move(opened);
    doors_.push_back(this);
  }
  ~SharedStore() override { std::erase(doors_, this); }

  bool is_shared() const override { return true; }
  void set_process(ProcessId process) override { inner_->set_process(process); }
  void announce(const db::Notice& notice) override {
    ++announced_;
    if (cut_ == Cut::none) tasks_.spawn(tell(notice));
  }

  void set_cut(Cut cut) { cut_ = cut; }
  void limit_pages(std::int64_t pages_max) { inner_->limit_pages(pages_max); }
  // How many bodies were given to it, and notices.
  int bodies() const { return bodies_; }
  int announced() const { return announced_; }
  // As a crash does, after the clock's own drop_all().
  void drop_all() override { inner_->drop_all(); }

 protected:
  void submit_write(db::Job& job) override { tasks_.spawn(run(job, true)); }
  void submit_read(db::Job& job) override { tasks_.spawn(run(job, false)); }

 private:
  static constexpr seconds patience{2};
  static constexpr milliseconds asked_every{100};
  static constexpr milliseconds notices_take{2};

  Task<void> run(db::Job& job, bool is_write) {
    ++bodies_;
    const Error away{ErrorCode::unavailable, "the store cannot be reached", {}};
    if (cut_ == Cut::fails) {
      co_await clock_.sleep(patience);
      job.fail(away);
    } else {
      const bool hung = cut_ == Cut::hangs;
      while (cut_ == Cut::hangs) co_await clock_.sleep(asked_every);
      if (hung) {
        job.fail(away);
      } else {
        co_await pass_on(job, is_write);
        if (is_write && cut_ == Cut::loses_replies) job.fail(away);
      }
    }
    clock_.post(job.waiting);
  }

  // The job keeps its own answer; an error only has its changes undone.
  Task<void> pass_on(db::Job& job, bool is_write) {
    const auto body = [&job](db::Transaction& tx) -> Result<> {
      if (job.run(tx)) return {};
      return fail(ErrorCode::conflict, "undo");
    };
    const Result<> done = is_write ? co_await inner_->write(body) : co_await inner_->read(body);
    if (!done && done.error().code == ErrorCode::unavailable) job.fail(done.error());
  }

  Task<void> tell(db::Notice notice) {
    co_await clock_.sleep(notices_take);
    const Doors doors = doors_;
    for (SharedStore* door : doors) {
      if (door != this && door->cut_ == Cut::none) door->hear(notice);
    }
  }

  Clock& clock_;
  Doors& doors_;
  std::unique_ptr<db::SqliteDatabase> inner_;
  Cut cut_ = Cut::none;
  int bodies_ = 0, announced_ = 0;
  TaskGroup tasks_;
};

}  // namespace epay::simulation
