// rotate-key
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "app/reseal.h"
#include "app/silent_processes.h"
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

// All in one transaction. Nobody joins meanwhile, nor afterwards with the old key (Membership::ask_before_joining).
Result<std::int64_t> reseal_alone(db::Transaction& tx, const Keys& keys, const std::vector<processes::Process>& silent,
                                  Random& random) {
  if (const auto alone = remove_silent(tx, silent); !alone) return std::unexpected(alone.error());
  return reseal(tx, Vault(keys.present), Vault(keys.next), random, keys.path);
}

struct Resealed {
  Result<std::int64_t> count;
  bool perhaps = false;  // of an error: the store took it all, and could not say whether it stands
};

Task<Resealed> reseal_all(const Keys& keys, const std::vector<processes::Process>& silent, VerbContext& context) {
  bool perhaps = false;
  auto count = co_await context.database.write([&](db::Transaction& tx) {
    auto resealed = reseal_alone(tx, keys, silent, context.random);
    perhaps = perhaps || resealed.has_value();
    return resealed;
  });
  co_return Resealed{std::move(count), perhaps};
}

struct Rotation {
  std::string key_path;
  bool shared = false;  // by several machines, perhaps
};

Task<int> rotate(const Rotation& rotation, VerbContext& context) {
  const auto silent = co_await silent_processes(context);
  if (!silent) co_return report(silent.error());
  const auto keys = read_keys(rotation.key_path);
  if (!keys) co_return report(keys.error());
  const Resealed resealed = co_await reseal_all(*keys, *silent, context);
  if (!resealed.count) {
    // Nothing is sealed with it, and whoever serves would wait for the end of a change that has not begun.
    if (!keys->resumed && !resealed.perhaps) ::unlink(keys->next_path.c_str());
    if (resealed.perhaps) std::fprintf(stderr, "epay: `epay rotate-key` again finishes the change\n");
    co_return report(resealed.count.error());
  }
  const auto kept = take_over(*keys, context.clock.now());
  if (!kept) co_return report(kept.error());
  std::printf("%lld secrets are sealed under a new master key, %s\n", static_cast<long long>(*resealed.count),
              keys->path.c_str());
  if (rotation.shared) std::printf("copy it to every machine that serves this store\n");
  std::printf("copies made before open with the old one only, kept as %s: put both to where you keep them\n",
              kept->c_str());
  co_return 0;
}

}  // namespace

int rotate_key(const StoreConfig& config) {
  const auto files = files_of(config);
  if (!files) return report(files.error());
  if (const auto file = db::sqlite_file(config.database)) {
    if (const auto alone = be_alone_with(*file); !alone) return report(alone.error());
  }
  const Rotation rotation{master_key_path(config, *files), db::is_shared(config.database)};
  return run_on_store(
      config, [&rotation](VerbContext& context) { return rotate(rotation, context); }, MasterKey::not_needed);
}

}  // namespace epay::app
