#include "processes/membership.h"

#include <algorithm>

namespace epay::processes {
namespace {

// Who lives, and who leads, is decided by one at a time.
constexpr db::Lane lane = db::Lane::of("processes");

}  // namespace

Membership::Membership(Clock& clock, Log& log, db::Database& database, std::string name)
    : clock_(clock),
      log_(log),
      database_(database),
      name_(std::move(name)),
      acts_until_(database.is_shared() ? Ticks() : Ticks::never()),
      leads_(!database.is_shared()),
      beats_(clock),
      watch_(clock),
      tasks_(clock, log, "processes") {}

Task<Result<>> Membership::start() {
  if (!database_.is_shared()) co_return Result<>();
  auto joined = co_await join();
  if (!joined) co_return joined;
  tasks_.spawn(run_beats());
  tasks_.spawn(run_watch());
  co_return joined;
}

Task<void> Membership::stop(Ticks due) {
  if (!database_.is_shared()) co_return;
  stopping_ = true;
  beats_.notify();
  watch_.notify();
  co_await tasks_.wait_empty(due);
  const ProcessId leaving = std::exchange(id_, ProcessId());
  acts_until_ = {};
  database_.set_process(id_);
  if (leaving == ProcessId()) co_return;
  tasks_.spawn(leave_store(leaving));
  co_await tasks_.wait_empty(due);
}

// Without this the others notice by its silence.
Task<void> Membership::leave_store(ProcessId leaving) {
  co_await database_.write(lane, [leaving](db::Transaction& tx) -> Result<> {
    leave(tx, leaving);
    return {};
  });
}

Task<Result<>> Membership::join() {
  const Ticks began = clock_.ticks();
  ProcessId tried;
  const auto joined = co_await database_.write(lane, [&, now = clock_.now()](db::Transaction& tx) -> Result<Joined> {
    if (admission_) {
      if (const auto admitted = admission_(tx); !admitted) return std::unexpected(admitted.error());
    }
    auto made = processes::join(tx, before_, name_, now);
    tried = made.id;
    return made;
  });
  // Its reply may be all that was lost.
  if (tried != ProcessId()) before_.push_back(tried);
  if (!joined) co_return std::unexpected(joined.error());
  id_ = joined->id;
  before_ = {id_};
  database_.set_process(id_);
  acts_until_ = began + acts_for;
  log_.info("process_joined", {{"process", id_}, {"name", name_}, {"living", joined->all.size()}});
  others_.clear();
  take(joined->all);
  watch_.notify();
  tell_change();
  co_return Result<>();
}

Task<void> Membership::beat() {
  const ProcessId process = id_;
  const Ticks began = clock_.ticks();
  const auto all = co_await database_.write(
      lane, [process, silent = silent()](db::Transaction& tx) -> Result<std::optional<std::vector<Process>>> {
        return processes::beat(tx, process, silent);
      });
  // It was lost while it waited: a beat that came too late is worth nothing.
  if (id_ != process) co_return;
  if (!is_alive()) co_return lose();
  if (!all) {
    log_.warning("process_did_not_beat", {{"process", process}, {"error", all.error().message}});
    co_return;
  }
  if (!*all) co_return lose();
  acts_until_ = began + acts_for;
  take(**all);
}

Task<void> Membership::run_beats() {
  Ticks next = clock_.ticks() + beat_every;
  while (!stopping_) {
    co_await beats_.wait_until(next);
    if (stopping_) break;
    next = clock_.ticks() + beat_every;
    if (id_ == ProcessId()) {
      const auto joined = co_await join();
      if (!joined) log_.warning("process_did_not_join", {{"error", joined.error().message}});
    } else {
      co_await beat();
    }
  }
}

// Time runs out while a beat waits for its store.
Task<void> Membership::run_watch() {
  while (!stopping_) {
    co_await watch_.wait_until(id_ == ProcessId() ? Ticks::never() : acts_until_);
    if (!stopping_ && id_ != ProcessId() && !is_alive()) lose();
  }
}

// What it has claimed may be another's by now.
void Membership::lose() {
  log_.error("process_lost", {{"process", id_}, {"action", "sends nothing until it has joined anew"}});
  id_ = {};
  acts_until_ = {};
  leads_ = false;
  database_.set_process(id_);
  beats_.notify();
  tell_change();
}

void Membership::take(const std::vector<Process>& all) {
  const Ticks now = clock_.ticks();
  std::map<ProcessId, Seen> others;
  bool changed = false;
  bool leads = false;
  for (const Process& process : all) {
    if (process.id == id_) {
      leads = process.leads;
      continue;
    }
    const auto known = others_.find(process.id);
    const bool stands = known != others_.end() && known->second.beats == process.beats;
    changed = changed || known == others_.end();
    others.emplace(process.id, stands ? known->second : Seen{process.beats, now});
  }
  changed = changed || others.size() != others_.size() || leads != leads_;
  others_ = std::move(others);
  leads_ = leads;
  living_ = static_cast<int>(all.size());
  if (changed) tell_change();
}

std::vector<Process> Membership::silent() const {
  std::vector<Process> found;
  for (const auto& [id, seen] : others_) {
    if (seen.at + dead_after <= clock_.ticks())
      found.push_back({.id = id, .name = {}, .started_at = {}, .beats = seen.beats});
  }
  return found;
}

void Membership::tell_change() const {
  for (const auto& listener : listeners_) listener();
}

}  // namespace epay::processes
