#include "db/migrations.h"

namespace epay::db {
namespace {

constexpr char first[] = {
#embed < 0001_first.sql>
};

constexpr Migration migrations[] = {
    {1, "first", {first, sizeof first}},
};

}  // namespace

std::span<const Migration> embedded_migrations() {
  return migrations;
}

}  // namespace epay::db
