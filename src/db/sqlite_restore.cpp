#include "db/sqlite_restore.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include "db/durable_files.h"
#include "db/sqlite_connection.h"

namespace epay::db {
namespace {

namespace fs = std::filesystem;

constexpr const char* log_suffix = "-wal";
constexpr const char* index_suffix = "-shm";
constexpr milliseconds lock_wait_max = seconds(5);

constexpr Sql select_whether_ours{"SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations'"};
constexpr Sql check_pages{"PRAGMA integrity_check(1)"};
constexpr Sql skip_ids{"UPDATE sequences SET value = value + $1"};

std::unexpected<Error> unusable(const SqliteRestore& wanted, const std::string& why) {
  return fail(ErrorCode::unavailable, "cannot restore " + wanted.from + ": " + why);
}

void remove_store(const std::string& path) {
  for (const char* suffix : {log_suffix, index_suffix, ""}) ::unlink((path + suffix).c_str());
}

// The copy beside the store, gone again unless it takes the store's place.
class Staged {
 public:
  explicit Staged(std::string path) : path_(std::move(path)) { remove_store(path_); }
  ~Staged() { remove_store(path_); }
  Staged(const Staged&) = delete;
  Staged& operator=(const Staged&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Result<> check_source(const SqliteRestore& wanted) {
  std::error_code none;
  if (!fs::is_regular_file(wanted.from, none)) return unusable(wanted, "there is no such file");
  if (fs::equivalent(wanted.from, wanted.to, none)) return unusable(wanted, "it is the store itself");
  const auto log_bytes = fs::file_size(wanted.from + log_suffix, none);
  if (none || log_bytes == 0) return {};
  return unusable(wanted, "it was not made by `epay backup`, or has been opened since: part of it is in " +
                              wanted.from + log_suffix + "; make a copy of it with `epay backup --database sqlite:" +
                              wanted.from + "` and restore that");
}

Result<> check_and_prepare(SqliteConnection& copy, const SqliteRestore& wanted) {
  try {
    const auto ours = copy.query_one(select_whether_ours, [](const Row& row) { return row.integer(0); });
    if (ours != 1) return unusable(wanted, "it holds no store of Epay");
    const auto pages = copy.query_one(check_pages, [](const Row& row) { return row.string(0); });
    if (pages != "ok") return unusable(wanted, "it is damaged: " + pages.value_or("no answer"));
    if (auto migrated = copy.migrate(wanted.migrations, wanted.now); !migrated) return migrated;
    copy.begin();
    copy.execute(skip_ids, ids_skipped_by_restore);
    if (auto prepared = wanted.prepare(copy); !prepared) {
      copy.rollback();
      return prepared;
    }
    if (copy.commit() != SqliteConnection::CommitEnd::durable) return unusable(wanted, copy.error_message());
  } catch (const StoreFailure& failure) {
    return unusable(wanted, failure.what());
  }
  return {};
}

Result<> stage(const std::string& path, const SqliteRestore& wanted) {
  if (auto copied = copy_private_file(wanted.from, path); !copied) return copied;
  auto copy = SqliteConnection::open(path, SqliteConnection::Access::read_write, lock_wait_max);
  if (!copy) return unusable(wanted, copy.error().message);
  if (auto prepared = check_and_prepare(**copy, wanted); !prepared) return prepared;
  copy->reset();
  // Closing takes the log into the file, and keeps silent when it cannot.
  if (fs::exists(path + log_suffix)) return unusable(wanted, "its write-ahead log could not be taken into it");
  return {};
}

// Closes the store's log, which only who is alone with a store can. A store that is damaged keeps its log.
Result<> close_old_store(const std::string& path) {
  if (!fs::exists(path)) return {};
  sqlite3* opened = nullptr;
  sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> store(opened, sqlite3_close);
  sqlite3_busy_timeout(store.get(), static_cast<int>(lock_wait_max.count()));
  const int closed = sqlite3_exec(store.get(), "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr);
  if (closed != SQLITE_BUSY && closed != SQLITE_LOCKED) return {};
  return fail(ErrorCode::unavailable, "another process uses " + path + ": stop it first");
}

std::string name_for_old(const SqliteRestore& wanted) {
  std::string moment = wanted.now.to_iso8601();
  std::erase_if(moment, [](char c) { return c == '-' || c == ':'; });
  return wanted.to + ".replaced-" + moment;
}

// The old files get a second name. Its log must go before the new file comes, which it would else be taken into.
Result<std::optional<std::string>> keep_old_store(const SqliteRestore& wanted) {
  const std::string kept = name_for_old(wanted);
  bool any = false;
  for (const char* suffix : {"", log_suffix}) {
    const std::string old = wanted.to + suffix;
    if (!fs::exists(old)) continue;
    if (::link(old.c_str(), (kept + suffix).c_str()) != 0) {
      return fail(ErrorCode::unavailable, "cannot keep " + old + " as " + kept + suffix + ": " + std::strerror(errno));
    }
    any = true;
  }
  if (auto synced = sync_folder_of(wanted.to); !synced) return std::unexpected(synced.error());
  for (const char* suffix : {log_suffix, index_suffix}) ::unlink((wanted.to + suffix).c_str());
  return any ? std::optional(kept) : std::nullopt;
}

}  // namespace

Result<std::optional<std::string>> restore(const SqliteRestore& wanted) {
  if (auto usable = check_source(wanted); !usable) return std::unexpected(usable.error());
  if (!wanted.replace && fs::exists(wanted.to)) {
    return fail(ErrorCode::invalid, wanted.to + " is a store already; --replace puts the copy in its place");
  }
  const Staged staged(wanted.to + ".restoring");
  if (auto done = stage(staged.path(), wanted); !done) return std::unexpected(done.error());
  if (auto closed = close_old_store(wanted.to); !closed) return std::unexpected(closed.error());
  auto kept = keep_old_store(wanted);
  if (!kept) return kept;
  if (::rename(staged.path().c_str(), wanted.to.c_str()) != 0) {
    return fail(ErrorCode::unavailable, "cannot put the copy at " + wanted.to + ": " + std::strerror(errno));
  }
  if (auto synced = sync_folder_of(wanted.to); !synced) return std::unexpected(synced.error());
  return kept;
}

}  // namespace epay::db
