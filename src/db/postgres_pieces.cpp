#include "db/postgres_pieces.h"

#include <libpq-fe.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/check.h"
#include "db/postgres_values.h"

namespace epay::db {
namespace {

// Any number that no lane has: one process after the other.
constexpr Sql lock_pieces{"SELECT pg_advisory_xact_lock(2, 3)"};
// The default piece, for rows of odd times, has no bounds; the first has no lower one.
constexpr Sql select_pieces{
    "SELECT CAST(c.relname AS text), "
    "CAST(substring(pg_get_expr(c.relpartbound, c.oid) FROM 'FROM \\(''?(-?[0-9]+)') AS bigint), "
    "CAST(substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \\(''?(-?[0-9]+)') AS bigint) "
    "FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
    "WHERE i.inhparent = to_regclass($1) AND pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT'"};

constexpr std::int64_t length = microseconds(piece_length).count();

struct Names {
  const char *table, *column;
};

Names names_of(TimedTable table) {
  switch (table) {
    case TimedTable::delivery_attempts: return {"delivery_attempts", "started_at"};
  }
  EPAY_CHECK(false);
}

struct Piece {
  std::string name;
  std::int64_t begin, end;
};

std::vector<Piece> pieces_of(PostgresSession& session, std::string_view table) {
  std::vector<Piece> found;
  const Value values[] = {table};
  session.send(select_pieces, values, [&](OwnedResult result) {
    PostgresRow row(result.get());
    for (int i = 0; i < PQntuples(result.get()); ++i) {
      row.set_row(i);
      found.push_back({row.string(0), row.optional_integer(1).value_or(INT64_MIN), row.integer(2)});
    }
  });
  session.settle();
  return found;
}

// Rows of its time that came when it was not there yet move into it; it has the table's columns in their order.
void make_piece(PostgresSession& session, const Names& names, std::int64_t begin) {
  const std::string table = names.table;
  const std::string piece = table + "_w" + std::to_string(begin / length);
  const std::string from = std::to_string(begin), to = std::to_string(begin + length);
  session.execute_text("CREATE TABLE " + piece + " (LIKE " + table + " INCLUDING ALL)");
  session.execute_text("LOCK TABLE " + table + "_default IN ACCESS EXCLUSIVE MODE");
  session.execute_text("WITH moved AS (DELETE FROM " + table + " WHERE " + names.column + " >= " + from + " AND " +
                       names.column + " < " + to + " RETURNING *) INSERT INTO " + piece + " SELECT * FROM moved");
  session.execute_text("ALTER TABLE " + table + " ATTACH PARTITION " + piece + " FOR VALUES FROM (" + from + ") TO (" +
                       to + ")");
}

}  // namespace

void keep_pieces(PostgresSession& session, TimedTable table, Timestamp before, Timestamp now) {
  const Names names = names_of(table);
  session.send(lock_pieces, {});
  session.execute_text("SET LOCAL lock_timeout = " + std::to_string(piece_wait_max.count()));
  const std::vector<Piece> pieces = pieces_of(session, names.table);
  // First, for it locks the whole table: whoever writes to it then has no piece that is locked below, and waits for
  // none.
  for (const Piece& piece : pieces) {
    if (piece.end <= before.micros) session.execute_text("DROP TABLE " + piece.name);
  }
  const std::int64_t first = now.micros / length * length;
  for (std::int64_t begin = first; begin <= first + pieces_ahead * length; begin += length) {
    const auto overlaps = [&](const Piece& piece) { return piece.begin < begin + length && piece.end > begin; };
    if (std::ranges::none_of(pieces, overlaps)) make_piece(session, names, begin);
  }
  session.execute_text("DELETE FROM " + std::string(names.table) + "_default WHERE " + names.column + " < " +
                       std::to_string(before.micros));
  session.execute_text("SET LOCAL lock_timeout TO DEFAULT");
}

}  // namespace epay::db
