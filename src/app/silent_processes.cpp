#include "app/silent_processes.h"

#include <algorithm>
#include <cstdio>

#include "processes/membership.h"

namespace epay::app {
namespace {

using processes::Membership;
using processes::Process;

Error is_served(const Process& process) {
  return {ErrorCode::conflict, "epay serves this store as " + process.name + ": stop it first", {}};
}

bool stands(const Process& process, const std::vector<Process>& silent) {
  return std::ranges::any_of(silent,
                             [&](const Process& one) { return one.id == process.id && one.beats == process.beats; });
}

}  // namespace

Task<Result<std::vector<Process>>> silent_processes(VerbContext& context) {
  const auto list = [](db::Transaction& tx) -> Result<std::vector<Process>> { return processes::list_processes(tx); };
  const auto seen = co_await context.database.read(list);
  if (!seen || seen->empty()) co_return seen;
  constexpr seconds wait = Membership::dead_after + Membership::beat_every;
  std::printf("waiting %lld s to hear whether %s is alive\n", static_cast<long long>(wait.count()),
              seen->front().name.c_str());
  std::fflush(stdout);
  co_await context.clock.sleep(wait);
  auto now = co_await context.database.read(list);
  if (!now) co_return now;
  for (const Process& process : *now) {
    if (!stands(process, *seen)) co_return std::unexpected(is_served(process));
  }
  co_return now;
}

Result<> remove_silent(db::Transaction& tx, const std::vector<Process>& silent) {
  for (const Process& process : processes::list_processes(tx)) {
    if (!stands(process, silent)) return std::unexpected(is_served(process));
    processes::leave(tx, process.id);
  }
  return {};
}

}  // namespace epay::app
