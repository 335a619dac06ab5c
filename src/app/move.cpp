// epay move --from sqlite:PATH --to postgresql://…
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "app/books.h"
#include "app/store_lock.h"
#include "app/verbs.h"
#include "db/durable_files.h"
#include "db/migrations.h"
#include "db/move.h"
#include "db/open.h"
#include "db/postgres_schema.h"
#include "runtime/reactor.h"

namespace epay::app {
namespace {

// What is wrong is told one by one.
Result<> check_books(std::string_view where, db::Transaction& tx) {
  const auto wrong = wrong_in_books(tx);
  for (const std::string& sentence : wrong) std::printf("%s\n", sentence.c_str());
  if (!wrong.empty()) return fail(ErrorCode::unavailable, "the books " + std::string(where) + " are wrong");
  std::printf("the books %.*s are right\n", int(where.size()), where.data());
  std::fflush(stdout);
  return {};
}

Task<int> check_file(VerbContext& context) {
  const auto checked =
      co_await context.database.read([](db::Transaction& tx) { return check_books("of the file", tx); });
  co_return checked ? 0 : report(checked.error());
}

struct Source {
  std::string path;   // as it is named
  std::string aside;  // its name once everything has arrived
  bool is_aside = false;
  const std::string& file() const { return is_aside ? aside : path; }
};

// The file, which an earlier move that was interrupted at its end may have put aside already.
Result<Source> find_source(const std::string& path) {
  Source source{path, path + ".moved"};
  const bool here = ::access(path.c_str(), R_OK) == 0;
  source.is_aside = ::access(source.aside.c_str(), R_OK) == 0;
  if (here && source.is_aside) {
    return fail(ErrorCode::invalid, "--from: " + source.aside + " exists already: one of the two must go first");
  }
  if (!here && !source.is_aside) return fail(ErrorCode::invalid, "--from: there is no " + path);
  return source;
}

// The file is kept under another name, so that nobody serves it by mistake.
Result<> put_aside(const Source& source) {
  if (source.is_aside) return {};
  if (::rename(source.path.c_str(), source.aside.c_str()) != 0) {
    return fail(ErrorCode::unavailable, "cannot rename " + source.path + ": " + std::strerror(errno));
  }
  return db::sync_folder_of(source.aside);
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
  const auto source = find_source(*path);
  if (!source) return report(source.error());
  if (const auto alone = be_alone_with(*path); !alone) return report(alone.error());
  // Opening brings the file up to this binary's schema, which the target gets too.
  if (const int code = run_on_store({.database = "sqlite:" + source->file()}, check_file, MasterKey::not_needed);
      code != 0) {
    return code;
  }
  runtime::Reactor reactor;
  const Timestamp now = reactor.clock().now();
  // Counting a large table takes as long as it takes.
  const db::PostgresOptions server{.url = to.database, .answer_wait_max = milliseconds(0)};
  if (const auto migrated = db::migrate(server, db::embedded_migrations(), now); !migrated) {
    return report(migrated.error());
  }
  const auto moved = db::move({.from = source->file(),
                               .to = server,
                               .now = now,
                               .check = [](db::Transaction& tx) { return check_books("in PostgreSQL", tx); },
                               .progress = show_progress});
  if (!moved) return report(moved.error());
  if (const auto aside = put_aside(*source); !aside) return report(aside.error());
  if (const auto ended = db::end_move(server, now); !ended) return report(ended.error());
  std::printf("%lld rows of %lld tables are in PostgreSQL%s\nthe file is kept as %s; the master key is still %s.key\n",
              static_cast<long long>(moved->rows), static_cast<long long>(moved->tables),
              moved->rows_before > 0 ? ", some since an earlier attempt" : "", source->aside.c_str(), path->c_str());
  return 0;
}

}  // namespace epay::app
