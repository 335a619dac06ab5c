#include "db/postgres_distribution.h"

#include <libpq-fe.h>

#include <algorithm>
#include <vector>

namespace epay::db {
namespace {

// In an order of their own: what others stand beside comes first.
constexpr std::string_view reference_tables[] = {"master_keys", "merchants", "page_slugs", "sign_in_addresses"};
constexpr std::string_view anchor = "totals";  // every merchant has rows in it
// On the coordinator: the store's own, and what no merchant's statement touches.
constexpr std::string_view local_tables[] = {"schema_migrations",  "commit_marks",     "moves",
                                             "processes",          "outside_changes",  "registrations",
                                             "throttles",          "simulator_orders", "simulator_phones",
                                             "simulator_vouchers", "statements",       "statement_lines"};
// The ways from a public address to its merchant that grow with the payments: found by their own keys alone.
struct Directory {
  std::string_view table, key;
};
constexpr Directory directories[] = {{"checkout_tokens", "token"}};

constexpr Sql select_extension{
    "SELECT CAST(EXISTS (SELECT 1 FROM pg_proc WHERE proname = 'create_distributed_table' AND "
    "pg_function_is_visible(oid)) AS integer)"};
// With the first column of their keys. Partitions go where their table goes.
constexpr Sql select_tables{
    "SELECT CAST(c.relname AS text), CAST(a.attname AS text) FROM pg_class c "
    "JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] "
    "WHERE c.relnamespace = CAST(CAST(current_schema() AS text) AS regnamespace) AND c.relkind IN ('r', 'p') "
    "AND NOT c.relispartition ORDER BY c.relname"};
constexpr Sql count_processes{"SELECT count(*) FROM processes"};

struct Table {
  std::string name, first_key;
};

class Distribution {
 public:
  Distribution(const PostgresOptions& options, const std::function<void(std::string_view, std::string_view)>& progress)
      : session_(options), progress_(progress) {}

  Result<Distributed> run(Others others) {
    if (number(select_extension) == 0) {
      return fail(ErrorCode::unavailable,
                  "the extension citus is not in this database: install it on every machine, CREATE EXTENSION citus, "
                  "and add the machines with citus_add_node()");
    }
    const std::int64_t serving = others == Others::looked_for ? number(count_processes) : 0;
    if (serving > 0) {
      return fail(
          ErrorCode::unavailable,
          std::to_string(serving) + " serve this database: stop them first; if they were killed, add --all-stopped");
    }
    const std::vector<Table> tables = all_tables();
    for (const Table& table : tables) {
      if (!has_place(table)) {
        return fail(ErrorCode::conflict, "the table " + table.name + " has no place: its key starts with " +
                                             table.first_key + ", not with merchant_id");
      }
    }
    for (const std::string_view table : reference_tables) {
      place(table, "create_reference_table('" + std::string(table) + "')", "a copy on every machine");
    }
    by(anchor, "merchant_id", "none");
    for (const Table& table : tables) {
      if (is_by_merchant(table) && table.name != anchor) by(table.name, "merchant_id", anchor);
    }
    for (const Directory& directory : directories) by(directory.table, directory.key, "none");
    return done_;
  }

 private:
  std::int64_t number(const Sql& sql) {
    std::int64_t found = 0;
    session_.send(sql, {}, [&](OwnedResult result) { found = PostgresRow(result.get()).integer(0); });
    session_.settle();
    return found;
  }
  std::vector<Table> all_tables() {
    std::vector<Table> found;
    session_.send(select_tables, {}, [&](OwnedResult result) {
      PostgresRow row(result.get());
      for (int i = 0; i < PQntuples(result.get()); ++i) {
        row.set_row(i);
        found.push_back({row.string(0), row.string(1)});
      }
    });
    session_.settle();
    return found;
  }

  static bool is_apart(const Table& table) {
    const auto is_it = [&](std::string_view name) { return name == table.name; };
    return std::ranges::any_of(reference_tables, is_it) || std::ranges::any_of(local_tables, is_it) ||
           std::ranges::any_of(directories, is_it, &Directory::table);
  }
  static bool is_by_merchant(const Table& table) { return !is_apart(table) && table.first_key == "merchant_id"; }
  static bool has_place(const Table& table) { return is_apart(table) || is_by_merchant(table); }

  bool is_placed(std::string_view table) {
    // Citus's own record. The table is there wherever the functions are.
    static constexpr Sql count_placed{"SELECT count(*) FROM pg_dist_partition WHERE logicalrelid = to_regclass($1)"};
    std::int64_t placed = 0;
    const Value values[] = {table};
    session_.send(count_placed, values, [&](OwnedResult result) { placed = PostgresRow(result.get()).integer(0); });
    session_.settle();
    return placed != 0;
  }

  void place(std::string_view table, const std::string& call, const std::string& how) {
    ++done_.tables;
    if (is_placed(table)) {
      ++done_.tables_before;
      return;
    }
    session_.execute_text("SELECT " + call);
    progress_(table, how);
  }
  void by(std::string_view table, std::string_view column, std::string_view beside) {
    place(table,
          "create_distributed_table('" + std::string(table) + "', '" + std::string(column) + "', colocate_with => '" +
              std::string(beside) + "')",
          "by " + std::string(column));
  }

  PostgresSession session_;
  const std::function<void(std::string_view, std::string_view)>& progress_;
  Distributed done_;
};

}  // namespace

Result<Distributed> distribute(const PostgresOptions& options, Others others,
                               const std::function<void(std::string_view, std::string_view)>& progress) {
  try {
    PostgresOptions patient = options;
    patient.answer_wait_max = milliseconds(0);  // rows that are there move to their machines
    return Distribution(patient, progress).run(others);
  } catch (const StoreFailure& failure) {
    return fail(ErrorCode::unavailable, std::string("cannot spread the tables: ") + failure.what());
  }
}

}  // namespace epay::db
