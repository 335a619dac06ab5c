#include "processes/process.h"

#include <algorithm>

#include "processes/membership_store.h"

namespace epay::processes {
namespace {

// Where nobody leads, `process` does from now on: a leader that may still act has its row.
void lead(db::Transaction& tx, std::vector<Process>& all, ProcessId process) {
  if (std::ranges::any_of(all, &Process::leads)) return;
  tx.execute(store::update_leader, process);
  for (Process& one : all) one.leads = one.id == process;
}

}  // namespace

std::vector<Process> list_processes(db::Transaction& tx) {
  return tx.query_all(store::select_processes, [](const db::Row& row) {
    return Process{row.id<ProcessId>(0), row.string(1), row.time(2), row.integer(3), row.integer(4) != 0};
  });
}

bool is_free(db::Transaction& tx, ProcessId owner) {
  if (owner == ProcessId() || owner == tx.process()) return true;
  return !tx.query_one(store::select_process, [](const db::Row&) { return true; }, owner);
}

Joined join(db::Transaction& tx, std::span<const ProcessId> before, const std::string& name, Timestamp now) {
  for (const ProcessId life : before) leave(tx, life);
  const ProcessId id{tx.next_id(db::Sequence::process)};
  tx.execute(store::insert_process, id, name, now);
  Joined joined{id, list_processes(tx)};
  // One that does not hear that it has joined should not lead: where there are others, they do.
  if (joined.all.size() == 1) lead(tx, joined.all, id);
  return joined;
}

void leave(db::Transaction& tx, ProcessId process) { tx.execute(store::delete_process, process); }

std::optional<std::vector<Process>> beat(db::Transaction& tx, ProcessId process, const std::vector<Process>& silent) {
  if (tx.execute(store::count_beat, process) == 0) return std::nullopt;
  for (const Process& one : silent) tx.execute(store::delete_silent_process, one.id, one.beats);
  auto all = list_processes(tx);
  lead(tx, all, process);
  return all;
}

}  // namespace epay::processes
