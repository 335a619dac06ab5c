// This process among those that serve the store. A member beats in the store every two seconds; one whose beats the
// others have seen stand still for eight is dead to them, and whatever it had claimed is anybody's. It counts for
// itself, from before each beat, until when it may act: one second less. So no two act on one claim, whatever their
// wall clocks say; all that is asked of machines is that their seconds are about as long.
//
// Where a store is served by one process alone there is nothing to claim: it is nobody, alive, and leads.
// Reactor thread only.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "db/database.h"
#include "processes/process.h"
#include "runtime/clock.h"
#include "runtime/task_group.h"

namespace epay::processes {

class Membership {
 public:
  static constexpr seconds beat_every{2}, acts_for{7}, dead_after{8};
  // From a death to the claims being anybody's: the last beat is seen up to a beat later, and so is the silence.
  static constexpr seconds taken_over_within{12};
  static_assert(acts_for < dead_after && dead_after + 2 * beat_every <= taken_over_within);

  // `name` is for people: host and number.
  Membership(Clock& clock, Log& log, db::Database& database, std::string name = "");

  // Asked in each transaction in which it joins, before anything else; its error keeps the process out.
  using Admission = std::function<Result<>(db::Transaction&)>;
  void ask_before_joining(Admission admission) { admission_ = std::move(admission); }

  // Joins the others. Errors: unavailable, those of the admission.
  Task<Result<>> start();
  // Leaves: what it had claimed is anybody's at once. Whatever acts on claims has stopped before.
  Task<void> stop(Ticks due);

  // As whom it claims; nobody while it is lost. Another one after it was lost: what was claimed before is not its own.
  ProcessId id() const { return id_; }
  // Whether it may act on what it has claimed. Lost when it could not beat in time; it then joins anew.
  bool is_alive() const { return clock_.ticks() < acts_until_; }
  // Whether it does what one process can do for all.
  bool leads() const { return leads_ && is_alive(); }
  // How many share the work, itself included.
  int living() const { return living_; }

  // Called when it was lost or has joined anew, when one came or went, when it leads or does so no longer.
  void on_change(std::function<void()> listener) { listeners_.push_back(std::move(listener)); }

 private:
  struct Seen {
    std::int64_t beats = 0;
    Ticks at;  // when they were first seen to be so many
  };
  Task<Result<>> join();
  Task<void> beat();
  Task<void> leave_store(ProcessId leaving);
  Task<void> run_beats();
  Task<void> run_watch();
  void lose();
  void take(const std::vector<Process>& all);
  std::vector<Process> silent() const;
  void tell_change() const;

  Clock& clock_;
  Log& log_;
  db::Database& database_;
  std::string name_;
  ProcessId id_;
  std::vector<ProcessId> before_;  // its lives so far that may still have a row
  Ticks acts_until_;
  bool leads_;
  int living_ = 1;
  std::map<ProcessId, Seen> others_;
  Admission admission_;
  std::vector<std::function<void()>> listeners_;
  Signal beats_, watch_;
  TaskGroup tasks_;
  bool stopping_ = false;
};

}  // namespace epay::processes

namespace epay {
using processes::Membership;
}
