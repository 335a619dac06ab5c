// A statement made to serve many sets of parameters at once: they go to the server as arrays, one array for each
// parameter, and what a row belongs to comes back with it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.h"

namespace epay::db {

// How the results of a set tell what belongs to whom.
enum class SetKind : std::uint8_t {
  select,         // the last column is the number of the set of parameters, from 1
  update,         // likewise; sets of parameters with the same $1 must not go together
  insert,         // as many rows as there are sets of parameters, or none at all; if not, nobody can tell
  insert_update,  // likewise, and those with the same $1 must not go together; rows end with the first column, the $1
};

struct SetStatement {
  SetKind kind;
  std::string text;
  bool gives_rows;  // to the bodies
  bool is_apart() const { return kind == SetKind::update || kind == SetKind::insert_update; }
};

// PostgreSQL's number of a type, as its catalogue has it.
using TypeId = std::uint32_t;
inline constexpr TypeId type_int8 = 20;

// Nothing where the statement cannot be made so, by its text alone: what it changes must be a merchant's ($1), …
std::optional<SetStatement> to_set(std::string_view text, std::span<const TypeId> types);

// An array in PostgreSQL's binary format: the values of one parameter, number `parameter`, in each row of `rows`.
// Nothing where a value does not fit the type.
std::optional<std::string> to_array(TypeId type, std::span<const std::span<const Value>> rows, std::size_t parameter);

}  // namespace epay::db
