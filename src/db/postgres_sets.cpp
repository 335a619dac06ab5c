#include "db/postgres_sets.h"

namespace epay::db {
namespace {

constexpr TypeId type_bool = 16, type_bytea = 17, type_int2 = 21, type_int4 = 23, type_text = 25;

std::string_view array_name(TypeId type) {
  switch (type) {
    case type_bool: return "bool[]";
    case type_bytea: return "bytea[]";
    case type_int8: return "int8[]";
    case type_int2: return "int2[]";
    case type_int4: return "int4[]";
    case type_text: return "text[]";
    default: return "";
  }
}

// The place of a word (in capitals, blanks around it) outside of all brackets and quotes, from `from` on.
std::size_t find_outside(std::string_view text, std::string_view word, std::size_t from = 0) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\'') quoted = !quoted;
    if (quoted) continue;
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (depth == 0 && i >= from && text.substr(i).starts_with(word)) return i;
  }
  return std::string_view::npos;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }
bool has_parameter(std::string_view text) { return contains(text, "$"); }

// $7 becomes w.p7.
std::string from_arrays(std::string_view text) {
  std::string made;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$') {
      made += "w.p";
    } else {
      made += text[i];
    }
  }
  return made;
}

std::string arrays(std::span<const TypeId> types) {
  std::string unnest = "unnest(", names = ") WITH ORDINALITY AS w(";
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    if (i > 0) unnest += ", ";
    unnest.append("CAST($").append(number).append(" AS ").append(array_name(types[i])).append(")");
    names.append("p").append(number).append(", ");
  }
  return unnest + names + "number_of_set)";
}

std::optional<SetStatement> select_set(std::string_view text, std::span<const TypeId> types) {
  const bool one_row = text.ends_with(" LIMIT 1");
  const auto limit = find_outside(text, " LIMIT ");
  if (contains(text, " FOR UPDATE") || (limit != std::string_view::npos && !one_row)) return std::nullopt;
  return SetStatement{
      SetKind::select,
      "SELECT q.*, w.number_of_set FROM " + arrays(types) + " CROSS JOIN LATERAL (" + from_arrays(text) + ") AS q",
      true};
}

std::optional<SetStatement> update_set(std::string_view text, std::span<const TypeId> types) {
  const auto where = find_outside(text, " WHERE ");
  if (where == std::string_view::npos || find_outside(text, " FROM ") < where) return std::nullopt;
  const auto returning = find_outside(text, " RETURNING ");
  if (!text.substr(where).starts_with(" WHERE merchant_id = $1 ")) return std::nullopt;
  std::string made = from_arrays(text.substr(0, where)) + " FROM " + arrays(types) + from_arrays(text.substr(where));
  made += returning == std::string_view::npos ? " RETURNING w.number_of_set" : ", w.number_of_set";
  return SetStatement{SetKind::update, std::move(made), returning != std::string_view::npos};
}

std::optional<SetStatement> insert_set(std::string_view text, std::span<const TypeId> types) {
  constexpr std::string_view before_values = ") VALUES (";
  const auto values = text.find(before_values);
  if (values == std::string_view::npos) return std::nullopt;
  const auto from = values + before_values.size();
  // The bracket that closes the values is the first one outside of those within.
  const auto end = from + find_outside(text.substr(from - 1), ")") - 1;
  if (end >= text.size()) return std::nullopt;
  const std::string_view behind = text.substr(end + 1);
  // What it reads besides may be what it changes for another.
  const bool merges = contains(behind, " DO UPDATE ") || contains(text.substr(from, end - from), "(SELECT ");
  const auto returning = find_outside(behind, " RETURNING ");
  const bool gives_rows = returning != std::string_view::npos;
  const bool of_merchant = contains(text.substr(0, values), " (merchant_id, ") && text.substr(from).starts_with("$1, ");
  if (has_parameter(behind) || ((merges || gives_rows) && !of_merchant)) return std::nullopt;
  std::string made(text.substr(0, values + 1));
  made += " SELECT " + from_arrays(text.substr(from, end - from)) + " FROM " + arrays(types) +
          " ORDER BY w.number_of_set" + std::string(behind);
  if (gives_rows) made += ", merchant_id";
  return SetStatement{merges || gives_rows ? SetKind::insert_update : SetKind::insert, std::move(made), gives_rows};
}

void append_number(std::string& bytes, std::int64_t number, int size) {
  for (int i = size - 1; i >= 0; --i) bytes += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i) & 0xFF);
}

int size_of(TypeId type) {
  switch (type) {
    case type_bool: return 1;
    case type_int2: return 2;
    case type_int4: return 4;
    case type_int8: return 8;
    default: return 0;
  }
}

bool append_value(std::string& bytes, TypeId type, const Value& value) {
  constexpr int head = 4;
  const int size = size_of(type);
  if (std::holds_alternative<std::nullptr_t>(value)) {
    append_number(bytes, -1, head);
    return true;
  }
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    const bool fits = size == 8 || (size == 4 && *number == static_cast<std::int32_t>(*number)) ||
                      (size == 2 && *number == static_cast<std::int16_t>(*number)) ||
                      (size == 1 && (*number == 0 || *number == 1));
    if (!fits) return false;
    append_number(bytes, size, head);
    append_number(bytes, *number, size);
    return true;
  }
  const auto* const text = std::get_if<std::string_view>(&value);
  const std::string_view content = text != nullptr ? *text : std::get<Bytes>(value).content;
  if ((text != nullptr ? type_text : type_bytea) != type) return false;
  append_number(bytes, static_cast<std::int64_t>(content.size()), head);
  bytes += content;
  return true;
}

}  // namespace

std::optional<SetStatement> to_set(std::string_view text, std::span<const TypeId> types) {
  // A limit cannot be another for each set.
  if (types.empty() || contains(text, " LIMIT $") || contains(text, " OFFSET $")) return std::nullopt;
  for (const TypeId type : types) {
    if (array_name(type).empty()) return std::nullopt;
  }
  if (text.starts_with("SELECT ")) return select_set(text, types);
  if (text.starts_with("UPDATE ")) return update_set(text, types);
  if (text.starts_with("INSERT INTO ")) return insert_set(text, types);
  return std::nullopt;
}

std::optional<std::string> to_array(TypeId type, std::span<const std::span<const Value>> rows, std::size_t parameter) {
  constexpr int number = 4;
  std::string bytes;
  append_number(bytes, 1, number);  // dimensions
  append_number(bytes, 1, number);  // may hold nulls
  append_number(bytes, type, number);
  append_number(bytes, static_cast<std::int64_t>(rows.size()), number);
  append_number(bytes, 1, number);  // the first has the number 1
  for (const auto row : rows) {
    if (!append_value(bytes, type, row[parameter])) return std::nullopt;
  }
  return bytes;
}

}  // namespace epay::db
