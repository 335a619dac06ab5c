#include "db/move.h"

#include <deque>
#include <set>
#include <vector>

#include "db/postgres_connection.h"
#include "db/sqlite_connection.h"

namespace epay::db {
namespace {

constexpr std::int64_t rows_at_once = 2'000;
constexpr seconds lock_wait_max{5};

// What belongs to the file itself, or to processes that are gone.
const std::set<std::string, std::less<>> left_behind = {"schema_migrations", "sequences", "processes",
                                                        "outside_changes", "moved"};

constexpr Sql select_tables{
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"};
constexpr Sql select_columns{"SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid"};
constexpr Sql select_sequences{"SELECT name, value FROM sequences"};
constexpr Sql set_sequence{"SELECT setval('ids_' || $1, $2)"};
constexpr Sql insert_move{"INSERT INTO moves (id, began_at) VALUES (1, $1) ON CONFLICT DO NOTHING"};
constexpr Sql select_move{"SELECT ended_at FROM moves WHERE id = 1"};
constexpr Sql set_ended{"UPDATE moves SET ended_at = $1 WHERE id = 1"};
constexpr Sql delete_key_mark{"DELETE FROM master_keys"};
constexpr Sql select_any_merchant{"SELECT EXISTS (SELECT 1 FROM merchants)"};

enum class Type { number, text, bytes };

struct Column {
  std::string name;
  Type type;
};

struct Table {
  std::string name;
  std::vector<Column> columns;
  std::vector<std::size_t> key;  // places in columns
};

// A value that is nobody else's.
struct Held {
  Type type = Type::number;
  bool null = true;
  std::int64_t number = 0;
  std::string text;

  Value value() const {
    if (null) return nullptr;
    if (type == Type::number) return number;
    if (type == Type::bytes) return Bytes{text};
    return std::string_view(text);
  }
};

std::vector<Value> values_of(const std::vector<Held>& held) {
  std::vector<Value> values;
  for (const Held& one : held) values.push_back(one.value());
  return values;
}

void read(const Row& row, int column, Type type, Held& into) {
  into.type = type;
  into.null = row.is_null(column);
  if (into.null) return;
  if (type == Type::number) {
    into.number = row.integer(column);
  } else {
    into.text = row.text(column);
  }
}

class Mover {
 public:
  Mover(const MoveOptions& options, SqliteConnection& from)
      : options_(options), from_(from), to_(options.to, PostgresConnection::Access::read_write) {}

  Result<Moved> run() {
    if (auto begun = begin_move(); !begun) return std::unexpected(begun.error());
    from_.begin();  // one state of the file for all
    for (const Table& table : tables()) {
      ++moved_.tables;
      move(table);
      if (auto whole = compare(table); !whole) return std::unexpected(whole.error());
    }
    move_sequences();
    from_.rollback();
    if (auto right = check(); !right) return std::unexpected(right.error());
    return moved_;
  }

 private:
  const Sql& statement(std::string text) { return statements_.emplace_back(Sql{texts_.emplace_back(std::move(text))}); }

  // A target that somebody else uses is not written to.
  Result<> begin_move() {
    to_.begin({});
    const auto ended = to_.query_one(select_move, [](const Row& row) { return row.optional_integer(0); });
    const bool used = *to_.query_one(select_any_merchant, [](const Row& row) { return row.integer(0) != 0; });
    const bool ours = ended && !*ended;
    if (used && !ours) {
      to_.rollback();
      return fail(ErrorCode::conflict,
                  ended ? "everything was moved there before" : "the store there has accounts already");
    }
    to_.execute(insert_move, options_.now);
    // Whoever looked into the empty target has marked it with a key, which is not the one that comes.
    if (!ours) to_.execute(delete_key_mark);
    if (to_.commit() != Connection::CommitEnd::durable) return fail(ErrorCode::unavailable, to_.error_message());
    return {};
  }

  std::vector<Table> tables() {
    std::vector<Table> found;
    for (const auto& name : from_.query_all(select_tables, [](const Row& row) { return row.string(0); })) {
      if (left_behind.contains(name)) continue;
      Table table{.name = name};
      std::map<std::int64_t, std::size_t> key;
      from_.query_each(
          select_columns,
          [&](const Row& row) {
            const std::string_view type = row.text(1);
            if (row.integer(2) > 0) key[row.integer(2)] = table.columns.size();
            table.columns.push_back({row.string(0), type == "TEXT"   ? Type::text
                                                    : type == "BLOB" ? Type::bytes
                                                                     : Type::number});
          },
          name);
      for (const auto& [place, column] : key) table.key.push_back(column);
      found.push_back(std::move(table));
    }
    return found;
  }

  static std::string list(const std::vector<std::string>& names, std::string_view between) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : std::string(between)) + name;
    return text;
  }
  static std::string parameters(std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t i = 1; i <= count; ++i) names.push_back("$" + std::to_string(i));
    return list(names, ", ");
  }
  static std::vector<std::string> key_names(const Table& table, const char* behind = "") {
    std::vector<std::string> names;
    for (const std::size_t place : table.key) names.push_back(table.columns[place].name + behind);
    return names;
  }
  static std::string column_names(const Table& table) {
    std::vector<std::string> names;
    for (const Column& column : table.columns) names.push_back(column.name);
    return list(names, ", ");
  }

  // The last row that has arrived, by its key.
  std::vector<Held> last_arrived(const Table& table) {
    const Sql& last = statement("SELECT " + list(key_names(table), ", ") + " FROM " + table.name + " ORDER BY " +
                                list(key_names(table, " DESC"), ", ") + " LIMIT 1");
    std::vector<Held> key;
    to_.begin({});
    to_.query_values(last, {}, [&](const Row& row) {
      key.resize(table.key.size());
      for (std::size_t i = 0; i < key.size(); ++i) {
        read(row, static_cast<int>(i), table.columns[table.key[i]].type, key[i]);
      }
    });
    to_.rollback();
    return key;
  }

  void move(const Table& table) {
    const std::string select = "SELECT " + column_names(table) + " FROM " + table.name;
    const std::string order = " ORDER BY " + list(key_names(table), ", ") + " LIMIT " + std::to_string(rows_at_once);
    const Sql& first = statement(select + order);
    const Sql& next = statement(select + " WHERE (" + list(key_names(table), ", ") + ") > (" +
                                parameters(table.key.size()) + ")" + order);
    const Sql& insert = statement("INSERT INTO " + table.name + " (" + column_names(table) + ") VALUES (" +
                                  parameters(table.columns.size()) + ")");
    std::vector<Held> after = last_arrived(table);
    if (!after.empty()) moved_.rows_before += count(to_, table);
    for (std::int64_t rows = rows_at_once, all = 0; rows == rows_at_once;) {
      rows = 0;
      const std::vector<Held> from = after;
      to_.begin({});
      std::vector<Held> held(table.columns.size());
      from_.query_values(from.empty() ? first : next, values_of(from), [&](const Row& row) {
        for (std::size_t i = 0; i < held.size(); ++i) read(row, static_cast<int>(i), table.columns[i].type, held[i]);
        to_.execute_values(insert, values_of(held));
        after.clear();
        for (const std::size_t place : table.key) after.push_back(held[place]);
        ++rows;
      });
      if (to_.commit() != Connection::CommitEnd::durable) throw StoreFailure(to_.error_message());
      all += rows;
      if (options_.progress) options_.progress(table.name, all);
    }
  }

  std::int64_t count(Connection& connection, const Table& table) {
    const Sql& all = statement("SELECT count(*) FROM " + table.name);
    std::int64_t rows = 0;
    const bool open = &connection == &from_;
    if (!open) connection.begin({});
    connection.query_values(all, {}, [&](const Row& row) { rows = row.integer(0); });
    if (!open) connection.rollback();
    return rows;
  }

  Result<> compare(const Table& table) {
    const std::int64_t there = count(from_, table), here = count(to_, table);
    moved_.rows += here;
    if (there == here) return {};
    return fail(ErrorCode::conflict, "the table " + table.name + " has " + std::to_string(there) + " rows, of which " +
                                         std::to_string(here) + " are in the target: somebody has changed one of them");
  }

  Result<> check() {
    if (!options_.check) return {};
    to_.begin({});
    auto right = options_.check(to_);
    to_.rollback();
    return right;
  }

  // What comes new gets ids behind the old ones.
  void move_sequences() {
    to_.begin({});
    from_.query_each(select_sequences, [&](const Row& row) {
      to_.query_each(set_sequence, [](const Row&) {}, row.text(0), row.integer(1));
    });
    if (to_.commit() != Connection::CommitEnd::durable) throw StoreFailure(to_.error_message());
  }

  const MoveOptions& options_;
  SqliteConnection& from_;
  PostgresConnection to_;
  std::deque<std::string> texts_;
  std::deque<Sql> statements_;
  Moved moved_;
};

}  // namespace

Result<Moved> move(const MoveOptions& options) {
  try {
    auto from = SqliteConnection::open(options.from, SqliteConnection::Access::read_only, lock_wait_max);
    if (!from) return std::unexpected(from.error());
    return Mover(options, **from).run();
  } catch (const StoreFailure& failure) {
    return fail(ErrorCode::unavailable, std::string("the move stopped: ") + failure.what());
  }
}

Result<> end_move(const PostgresOptions& to, Timestamp now) {
  try {
    PostgresConnection connection(to, PostgresConnection::Access::read_write);
    connection.begin({});
    connection.execute(set_ended, now);
    if (connection.commit() == Connection::CommitEnd::durable) return {};
    return fail(ErrorCode::unavailable, connection.error_message());
  } catch (const StoreFailure& failure) {
    return fail(ErrorCode::unavailable, failure.what());
  }
}

}  // namespace epay::db
