#include "processes/process.h"

#include <algorithm>

#include "processes/membership_store.h"

namespace epay::processes {
namespace {

// Where nobody leads, `process` does from now on: a leader that may still act has its row.
std::vector<Process> list_led(db::Transaction& tx, ProcessId process) {
  auto all = list_processes(tx);
  if (std::ranges::any_of(all, &Process::leads)) return all;
  tx.execute(store::update_leader, process);
  for (Process& one : all) one.leads = one.id == process;
  return all;
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

Joined join(db::Transaction& tx, ProcessId before, const std::string& name, Timestamp now) {
  leave(tx, before);
  const ProcessId id{tx.next_id(db::Sequence::process)};
  tx.execute(store::insert_process, id, name, now);
  return {id, list_led(tx, id)};
}

void leave(db::Transaction& tx, ProcessId process) { tx.execute(store::delete_process, process); }

std::optional<std::vector<Process>> beat(db::Transaction& tx, ProcessId process, const std::vector<Process>& silent) {
  if (tx.execute(store::count_beat, process) == 0) return std::nullopt;
  for (const Process& one : silent) tx.execute(store::delete_silent_process, one.id, one.beats);
  return list_led(tx, process);
}

}  // namespace epay::processes
