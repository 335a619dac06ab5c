// The schema's steps, embedded in the binary. One dialect: a driver replaces the words that its store does not know.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"

namespace epay::db {

struct Migration {
  std::int64_t version;
  std::string_view name;
  std::string_view text;  // statements, each ended by ';'

  // Whether processes that do not know it may go on, and start, beside it: unless its first line is
  // "-- needs: all processes stopped".
  bool is_additive() const;
};

// In order of version, from 1, without gaps. Every file of migrations/ is here.
std::span<const Migration> embedded_migrations();

// May a binary that knows the schema up to `known` use one that is at `version`, beyond it? `first_to_know`: the first
// of the steps between that is not additive. Error: unavailable.
Result<> check_newer_schema(std::int64_t version, std::int64_t known, std::optional<std::int64_t> first_to_know);

}  // namespace epay::db
