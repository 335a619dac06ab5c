// epay move --from sqlite:PATH --to postgresql://…
#include <unistd.h>

#include <cstdio>

#include "app/books.h"
#include "app/store_lock.h"
#include "app/verbs.h"
#include "db/migrations.h"
#include "db/move.h"
#include "db/open.h"
#include "db/postgres_schema.h"
#include "runtime/reactor.h"

namespace epay::app {
namespace {

Task<int> check_books(std::string_view where, VerbContext& context) {
  const auto wrong = co_await context.database.read(
      [](db::Transaction& tx) -> Result<std::vector<std::string>> { return wrong_in_books(tx); });
  if (!wrong) co_return report(wrong.error());
  for (const std::string& sentence : *wrong) std::printf("%s\n", sentence.c_str());
  if (wrong->empty()) std::printf("the books %.*s are right\n", int(where.size()), where.data());
  co_return wrong->empty() ? 0 : 1;
}

int check_books_of(const StoreConfig& store, std::string_view where) {
  return run_on_store(
      store, [where](VerbContext& context) { return check_books(where, context); }, MasterKey::not_needed);
}

// The file is kept under another name, so that nobody serves it by mistake.
Result<std::string> put_aside(const std::string& path) {
  const std::string aside = path + ".moved";
  if (::access(aside.c_str(), F_OK) == 0) return fail(ErrorCode::unavailable, aside + " exists already");
  if (::rename(path.c_str(), aside.c_str()) != 0) return fail(ErrorCode::unavailable, "cannot rename " + path);
  return aside;
}

void show_progress(const std::string& table, std::int64_t rows) {
  constexpr std::int64_t shown_every = 100'000;
  if (rows > 0 && rows % shown_every == 0) {
    std::printf("%s: %lld rows\n", table.c_str(), static_cast<long long>(rows));
    std::fflush(stdout);
  }
}

}  // namespace

int move(const std::string& from, const StoreConfig& to) {
  const auto path = db::sqlite_file(from);
  if (!path) return report({ErrorCode::invalid, "--from: must be sqlite:PATH"});
  if (!db::is_shared(to.database)) return report({ErrorCode::invalid, "--to: must be postgresql://USER@HOST/NAME"});
  if (::access(path->c_str(), R_OK) != 0) return report({ErrorCode::invalid, "--from: there is no " + *path});
  if (const auto alone = be_alone_with(*path); !alone) return report(alone.error());
  // Opening brings the file up to this binary's schema, which the target gets too.
  if (const int code = check_books_of({.database = from}, "of the file"); code != 0) return code;
  runtime::Reactor reactor;
  const Timestamp now = reactor.clock().now();
  const db::PostgresOptions server{.url = to.database};
  if (const auto migrated = db::migrate(server, db::embedded_migrations(), now); !migrated) {
    return report(migrated.error());
  }
  const auto moved = db::move({.from = *path, .to = server, .now = now, .progress = show_progress});
  if (!moved) return report(moved.error());
  if (const int code = check_books_of(to, "in PostgreSQL"); code != 0) return code;
  const auto aside = put_aside(*path);
  if (!aside) return report(aside.error());
  std::printf("%lld rows of %lld tables are in PostgreSQL%s\nthe file is kept as %s; the master key is still %s.key\n",
              static_cast<long long>(moved->rows), static_cast<long long>(moved->tables),
              moved->rows_before > 0 ? ", some since an earlier attempt" : "", aside->c_str(), path->c_str());
  return 0;
}

}  // namespace epay::app
