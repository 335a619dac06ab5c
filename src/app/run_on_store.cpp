#include <cstdio>

#include "app/key_mark.h"
#include "app/verbs.h"
#include "db/open.h"
#include "runtime/reactor.h"
#include "runtime/task_group.h"

namespace epay::app {
namespace {

void print_error_line(LogLevel, std::string_view line) {
  std::fprintf(stderr, "%.*s\n", int(line.size()), line.data());
}

// `key_path`: of the key that the verb works with, if it needs one.
Task<int> run(std::function<Task<int>(VerbContext&)>& work, VerbContext& context, std::optional<std::string> key_path) {
  if (key_path) {
    const auto checked = co_await check_key(context.database, context.vault, context.random, *std::move(key_path));
    if (!checked) co_return report(checked.error());
  }
  co_return co_await work(context);
}

Task<void> run_and_stop(Task<int> verb, runtime::Reactor& reactor, int& exit_code) {
  exit_code = co_await std::move(verb);
  reactor.stop();
}

}  // namespace

int report(const Error& error) {
  std::fprintf(stderr, "epay: %s\n", error.message.c_str());
  for (const FieldError& field : error.fields) {
    if (field.message != error.message) std::fprintf(stderr, "epay: %s\n", field.message.c_str());
  }
  return error.code == ErrorCode::invalid ? 2 : 1;
}

int run_on_store(const StoreConfig& config, std::function<Task<int>(VerbContext&)> work, MasterKey wanted) {
  runtime::SystemRandom random;
  const auto path = files_of(config);
  if (!path) return report(path.error());
  const auto master_key = wanted == MasterKey::needed ? load_master_key(config, random)
                                                      : Result<Secret>(Secret(random.bytes(Vault::key_bytes)));
  if (!master_key) return report(master_key.error());
  const Vault vault(*master_key);
  runtime::Reactor reactor;
  Log log(LogLevel::warning, [&reactor] { return reactor.clock().now(); }, print_error_line);
  // A verb may have to wait for a busy service, or walk through all there is (`epay verify`).
  constexpr seconds lock_wait_max{30};
  constexpr minutes answer_wait_max{10};
  auto database = db::open(
      reactor.clock(), log, config.database,
      {.threading = db::Threading::inline_steps, .lock_wait_max = lock_wait_max, .answer_wait_max = answer_wait_max});
  if (!database) return report(database.error());
  VerbContext context{reactor.clock(), random, reactor.network(), **database, vault};
  int exit_code = 1;
  TaskGroup tasks(reactor.clock(), log, "verb");
  const auto key_path =
      wanted == MasterKey::needed ? std::optional(master_key_path(config, *path)) : std::optional<std::string>();
  tasks.spawn(run_and_stop(run(work, context, key_path), reactor, exit_code));
  reactor.run();
  return exit_code;
}

}  // namespace epay::app
