// The schema's steps, embedded in the binary. One dialect: a driver replaces the words that its store does not know.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace epay::db {

struct Migration {
  std::int64_t version;
  std::string_view name;
  std::string_view text;  // statements, each ended by ';'
};

// In order of version, from 1, without gaps. Every file of migrations/ is here.
std::span<const Migration> embedded_migrations();

}  // namespace epay::db
