// rotate-key
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "app/reseal.h"
#include "app/store_lock.h"
#include "app/verbs.h"
#include "db/durable_files.h"
#include "db/open.h"
#include "runtime/reactor.h"

namespace epay::app {
namespace {

struct Keys {
  std::string path, next_path;
  Secret present, next;
  bool resumed = false;  // the successor was there: the store may be sealed with it already
};

// The present key and its successor, which may be there from a change that was interrupted.
Result<Keys> read_keys(const std::string& path) {
  const std::string next_path = next_master_key_path(path);
  auto present = read_key_file(path);
  if (!present) return std::unexpected(present.error());
  runtime::SystemRandom random;
  const bool resumed = std::filesystem::exists(next_path);
  auto next = resumed ? read_key_file(next_path) : create_key_file(next_path, random);
  if (!next) return std::unexpected(next.error());
  if (const auto synced = db::sync_folder_of(next_path); !synced) return std::unexpected(synced.error());
  return Keys{path, next_path, *std::move(present), *std::move(next), resumed};
}

// What the old key is called from now on. It opens the copies that were made before.
Result<std::string> take_over(const Keys& keys, Timestamp now) {
  std::string moment = now.to_iso8601();
  std::erase_if(moment, [](char c) { return c == '-' || c == ':'; });
  std::string kept = keys.path + ".until-" + moment;
  if (::link(keys.path.c_str(), kept.c_str()) != 0 || ::rename(keys.next_path.c_str(), keys.path.c_str()) != 0) {
    return fail(ErrorCode::unavailable, "cannot put the new master key to " + keys.path + ": " + std::strerror(errno) +
                                            "; `epay rotate-key` again finishes the change");
  }
  if (const auto synced = db::sync_folder_of(keys.path); !synced) return std::unexpected(synced.error());
  return kept;
}

Task<int> rotate(const Keys& keys, VerbContext& context) {
  const Vault from(keys.present), to(keys.next);
  const auto resealed = co_await context.database.write(
      [&](db::Transaction& tx) { return reseal(tx, from, to, context.random, keys.path); });
  if (!resealed) {
    // Nothing is sealed with it, and whoever serves would wait for the end of a change that has not begun.
    if (!keys.resumed) ::unlink(keys.next_path.c_str());
    co_return report(resealed.error());
  }
  const auto kept = take_over(keys, context.clock.now());
  if (!kept) co_return report(kept.error());
  std::printf("%lld secrets are sealed under a new master key, %s\n", static_cast<long long>(*resealed),
              keys.path.c_str());
  std::printf("copies made before open with the old one only, kept as %s: put both to where you keep them\n",
              kept->c_str());
  co_return 0;
}

}  // namespace

int rotate_key(const StoreConfig& config) {
  const auto files = db::sqlite_file(config.database);
  if (!files) {
    return report({ErrorCode::invalid, "--database: rotate-key works on a SQLite file so far"});
  }
  if (const auto alone = be_alone_with(*files); !alone) return report(alone.error());
  const auto keys = read_keys(master_key_path(config, *files));
  if (!keys) return report(keys.error());
  return run_on_store(config, [&keys](VerbContext& context) { return rotate(*keys, context); }, MasterKey::not_needed);
}

}  // namespace epay::app
