// The processes that serve a store, as the store has them. What a process has claimed is its own as long as its row is
// there; without it, it is anybody's.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/timestamp.h"
#include "db/database.h"

namespace epay::processes {

struct Process {
  ProcessId id;
  std::string name;  // host and number, for people
  Timestamp started_at;
  std::int64_t beats = 0;
  bool leads = false;
};

// By id.
std::vector<Process> list_processes(db::Transaction& tx);

// Whether what `owner` has claimed may be taken by the process of the transaction: it is its own, nobody's, or a dead
// process's.
bool is_free(db::Transaction& tx, ProcessId owner);

struct Joined {
  ProcessId id;
  std::vector<Process> all;
};
// A new life; `before` are those that it follows, whose claims are then anybody's.
Joined join(db::Transaction& tx, std::span<const ProcessId> before, const std::string& name, Timestamp now);
void leave(db::Transaction& tx, ProcessId process);

// That `process` is alive. Those of `silent` that have not beaten since they were seen so are gone with it. All that
// are left; nothing when `process` itself is not among them.
std::optional<std::vector<Process>> beat(db::Transaction& tx, ProcessId process, const std::vector<Process>& silent);

}  // namespace epay::processes
