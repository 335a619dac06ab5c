// restore
#include <cstdio>
#include <filesystem>

#include "app/books.h"
#include "app/key_mark.h"
#include "app/sealed_store.h"
#include "app/silent_processes.h"
#include "app/store_lock.h"
#include "app/verbs.h"
#include "db/open.h"
#include "db/postgres_schema.h"
#include "db/sqlite_restore.h"
#include "events/event.h"
#include "runtime/reactor.h"

namespace epay::app {
namespace {

struct Found {
  std::int64_t payments = 0;
  std::optional<Timestamp> latest;
};

Result<> check_books(db::Transaction& tx) {
  const auto wrong = wrong_in_books(tx);
  if (wrong.empty()) return {};
  return fail(ErrorCode::unavailable, "the copy's books are wrong: " + std::to_string(wrong.size()) +
                                          " differences, the first of them: " + wrong.front());
}

// A store whose secrets do not open signs no webhook. Better to hear it now.
Result<> check_master_key(db::Transaction& tx, const std::string& path, const std::optional<Secret>& key) {
  const bool any =
      *tx.query_one(store::select_whether_any_secret, [](const db::Row& row) { return row.integer(0) != 0; });
  if (!any) return {};
  if (!key) {
    return fail(ErrorCode::unavailable,
                "the copy has secrets that only its master key opens: put that to " + path + " first");
  }
  const KeyFit fit = fit_of(tx, Vault(*key));
  if (fit.opens != false) return {};
  return fail(ErrorCode::unavailable, "the master key in " + path +
                                          " does not open the copy's secrets: it is another " + "store's" +
                                          (fit.marked ? "; this store's was " + fit.kept_at : ""));
}

// None is made: it would open nothing.
Result<std::optional<Secret>> key_at(const std::string& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  auto key = read_key_file(path);
  if (!key) return std::unexpected(key.error());
  return *std::move(key);
}

Found look_at(db::Transaction& tx) {
  return *tx.query_one(store::select_latest_payment, [](const db::Row& row) {
    return Found{row.integer(0), row.is_null(1) ? std::nullopt : std::optional(row.time(1))};
  });
}

void tell_latest(const Found& found) {
  if (!found.latest) return;
  std::printf("%lld payments and payouts, the latest begun %s UTC; what came after it is not in this store\n",
              static_cast<long long>(found.payments), found.latest->to_wire().c_str());
}

void tell(const std::string& from, const std::string& to, const Found& found, const std::optional<std::string>& kept) {
  std::printf("restored %s to %s: the books are right\n", from.c_str(), to.c_str());
  tell_latest(found);
  if (kept) std::printf("what was there before is kept as %s\n", kept->c_str());
}

}  // namespace

namespace {

// PostgreSQL's own tools have put an older state of the store back; now it is made fit to be served.
Task<int> restore_in_place(VerbContext& context) {
  const auto silent = co_await silent_processes(context);
  if (!silent) co_return report(silent.error());
  const auto found = co_await context.database.write([&silent](db::Transaction& tx) -> Result<Found> {
    if (auto alone = remove_silent(tx, *silent); !alone) return std::unexpected(alone.error());
    if (auto right = check_books(tx); !right) return std::unexpected(right.error());
    db::skip_ids(tx, db::ids_skipped_by_restore);
    events::skip_event_ids(tx, db::ids_skipped_by_restore);
    return look_at(tx);
  });
  if (!found) co_return report(found.error());
  std::printf("the books are right, and nothing new will get a number that was lost\n");
  tell_latest(*found);
  co_return 0;
}

}  // namespace

int restore(const StoreConfig& config, const std::string& from, bool replace) {
  const auto to = db::sqlite_file(config.database);
  if (!to && (!from.empty() || replace)) {
    return report(
        {ErrorCode::invalid,
         "path: a copy of a SQLite file cannot be put into PostgreSQL. Its own tools put an older state back; then "
         "`epay restore` without a path makes that fit to be served (docs/operations.md)"});
  }
  if (!to) return run_on_store(config, restore_in_place);
  if (from.empty()) return report({ErrorCode::invalid, "path: which copy is to be put in place is missing"});
  const std::string key_path = master_key_path(config, *to);
  const auto key = key_at(key_path);
  if (!key) return report(key.error());
  if (const auto alone = be_alone_with(*to); !alone) return report(alone.error());
  runtime::Reactor reactor;
  const Timestamp now = reactor.clock().now();
  Found found;
  const auto kept = db::restore(
      {.from = from, .to = *to, .replace = replace, .now = now, .prepare = [&](db::Transaction& tx) -> Result<> {
         if (auto right = check_books(tx); !right) return right;
         if (auto opens = check_master_key(tx, key_path, *key); !opens) return opens;
         events::skip_event_ids(tx, db::ids_skipped_by_restore);
         found = look_at(tx);
         return {};
       }});
  if (!kept) return report(kept.error());
  tell(from, *to, found, *kept);
  return 0;
}

}  // namespace epay::app
