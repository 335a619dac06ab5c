// Puts a copy that was made by SqliteDatabase::backup() in a store's place.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "db/migrations.h"

namespace epay::db {

struct SqliteRestore {
  std::string from;      // the copy; it is only read
  std::string to;        // the store's file
  bool replace = false;  // whether there may be a store already
  Timestamp now;
  std::span<const Migration> migrations = embedded_migrations();
  // Says whether the copy may take the place, and changes it where it has to; one transaction, on this binary's schema.
  std::function<Result<>(Transaction&)> prepare;
};

// How many numbers of every sequence are not handed out after a restore: what was made after the copy had some of them,
// and rails and receivers remember it by them.
inline constexpr std::int64_t ids_skipped_by_restore = 100'000'000;

// The copy is copied beside the store, checked page by page, brought up to this binary's schema and given to `prepare`;
// only then it takes the store's place, in one step. Whatever fails before, and a crash at any moment, leaves the
// store's file as it was. Gives the name that the store's old file has from now on, where there was one. Errors:
// invalid (there is a store and `replace` is not set), unavailable (the store is in use; the copy is missing, damaged,
// newer than this binary, no store at all, or still being written to), or what `prepare` answers.
Result<std::optional<std::string>> restore(const SqliteRestore& wanted);

}  // namespace epay::db
