#include "bench/copies.h"

#include <cstdio>
#include <deque>
#include <map>
#include <stdexcept>

#include "bench/pgbench.h"
#include "db/open.h"
#include "db/postgres_connection.h"
#include "db/sqlite_connection.h"

namespace epay::bench {
namespace {

// A table, in which order it is copied, and what each column becomes that does not stay the same: $P, $E and $T stand
// for how far the numbers of payments, events and transfers are moved, $K for the number of the copy.
struct CopiedTable {
  const char* name;
  const char* order;
  std::map<std::string, std::string> changed;
};

const CopiedTable copied_tables[] = {
    {"payments",
     "merchant_id, mode, id",
     {{"id", "id + $P"},
      {"reference", "reference || '-$K'"},
      {"customer_previous_id", "customer_previous_id + $P"},
      {"last_event_id", "last_event_id + $E"}}},
    // Nobody asks the rail about copies of what is open: they would be more at once than a living store ever has.
    {"attempts", "merchant_id, payment_id, number", {{"payment_id", "payment_id + $P"}, {"poll_at", "NULL"}}},
    {"events",
     "merchant_id, id",
     {{"id", "id + $E"}, {"payment_id", "payment_id + $P"}, {"previous_id", "previous_id + $E"}}},
    {"deliveries",
     "merchant_id, endpoint_id, event_id",
     {{"event_id", "event_id + $E"}, {"next_event_id", "next_event_id + $E"}}},
    {"delivery_attempts", "merchant_id, endpoint_id, event_id, number", {{"event_id", "event_id + $E"}}},
    {"transfers", "merchant_id, id", {{"id", "id + $T"}, {"payment_id", "payment_id + $P"}}},
};

// Columns that are sums of what is copied.
constexpr std::pair<const char*, const char*> sums[] = {
    {"accounts", "debits_minor"},
    {"accounts", "credits_minor"},
    {"totals", "payments"},
    {"payment_days", "succeeded"},
    {"payment_days", "succeeded_minor"},
    {"payment_days", "fees_minor"},
    {"payment_days", "failed"},
    {"wallet_days", "entries"},
    {"wallet_days", "available_in_minor"},
    {"wallet_days", "available_out_minor"},
};

class Copying {
 public:
  explicit Copying(const Store& store) : server_{.url = store.address, .answer_wait_max = milliseconds(0)} {
    if (const auto path = db::sqlite_file(store.address)) {
      auto opened = db::SqliteConnection::open(*path, db::SqliteConnection::Access::read_write, seconds(5));
      if (!opened) throw std::runtime_error(opened.error().message);
      sqlite_ = *std::move(opened);
    } else {
      postgres_ = std::make_unique<db::PostgresConnection>(server_, db::PostgresConnection::Access::read_write);
    }
  }

  void run(std::int64_t times) {
    db::Connection& store = connection();
    store.begin({});
    const std::int64_t payments = largest("payments"), events = largest("events"), transfers = largest("transfers");
    for (const CopiedTable& table : copied_tables) columns_[table.name] = columns_of(table.name);
    for (const auto& [table, column] : sums) {
      execute(std::string("UPDATE ") + table + " SET " + column + " = " + column + " * " + std::to_string(times + 1));
    }
    execute("UPDATE customers SET last_payment_id = last_payment_id + " + std::to_string(times * payments));
    move_sequences(times, payments, transfers);
    commit();
    for (std::int64_t copy = 1; copy <= times; ++copy) {
      store.begin({});
      for (const CopiedTable& table : copied_tables) {
        execute(
            statement(table, {{"$P", copy * payments}, {"$E", copy * events}, {"$T", copy * transfers}, {"$K", copy}}));
      }
      commit();
      if (copy % 10 != 0) continue;
      std::printf("  copied %lld of %lld\n", static_cast<long long>(copy), static_cast<long long>(times));
      std::fflush(stdout);
    }
  }

 private:
  db::Connection& connection() {
    if (sqlite_) return *sqlite_;
    return *postgres_;
  }
  void commit() {
    if (connection().commit() == db::Connection::CommitEnd::durable) return;
    throw std::runtime_error("cannot copy: " + connection().error_message());
  }
  // Statements are remembered by their address.
  const std::string& keep(std::string sql) { return texts_.emplace_back(std::move(sql)); }
  void execute(std::string sql) { connection().execute_values({keep(std::move(sql))}, {}); }

  std::int64_t largest(const std::string& table) {
    std::int64_t found = 0;
    connection().query_values({keep("SELECT max(id) FROM " + table)}, {},
                              [&](const db::Row& row) { found = row.integer(0); });
    return found;
  }

  std::vector<std::string> columns_of(const std::string& table) {
    const std::string sql = sqlite_ ? "SELECT name FROM pragma_table_info('" + table + "')"
                                    : "SELECT CAST(attname AS TEXT) FROM pg_attribute WHERE attrelid = CAST('" + table +
                                          "' AS regclass) AND attnum > 0 AND NOT attisdropped";
    std::vector<std::string> columns;
    connection().query_values({keep(sql)}, {}, [&](const db::Row& row) { columns.push_back(row.string(0)); });
    return columns;
  }

  std::string statement(const CopiedTable& table, const std::map<std::string, std::int64_t>& numbers) {
    std::string names, values;
    for (const std::string& column : columns_[table.name]) {
      const auto changed = table.changed.find(column);
      names += (names.empty() ? "" : ", ") + column;
      values += (values.empty() ? "" : ", ") + (changed == table.changed.end() ? column : changed->second);
    }
    for (const auto& [name, number] : numbers) {
      for (std::size_t at; (at = values.find(name)) != std::string::npos;) {
        values.replace(at, name.size(), std::to_string(number));
      }
    }
    return "INSERT INTO " + std::string(table.name) + " (" + names + ") SELECT " + values + " FROM " + table.name +
           " WHERE " + originals(table, numbers) + " ORDER BY " + table.order;
  }

  // Only what was there before the first copy.
  static std::string originals(const CopiedTable& table, const std::map<std::string, std::int64_t>& numbers) {
    const std::string name = table.name;
    const std::string column = name == "payments" || name == "events" || name == "transfers" ? "id"
                               : name == "attempts"                                          ? "payment_id"
                                                                                             : "event_id";
    const char* const moved = column == "event_id" || name == "events" ? "$E" : name == "transfers" ? "$T" : "$P";
    return column + " <= " + std::to_string(numbers.at(moved) / numbers.at("$K"));
  }

  void move_sequences(std::int64_t times, std::int64_t payments, std::int64_t transfers) {
    if (sqlite_) return execute("UPDATE sequences SET value = value * " + std::to_string(times + 2));
    for (const auto& [name, last] : {std::pair("payment", payments), std::pair("transfer", transfers)}) {
      connection().query_values(
          {keep("SELECT setval('ids_" + std::string(name) + "', " + std::to_string(last * (times + 1)) + ")")}, {},
          [](const db::Row&) {});
    }
  }

  db::PostgresOptions server_;
  std::unique_ptr<db::SqliteConnection> sqlite_;
  std::unique_ptr<db::PostgresConnection> postgres_;
  std::deque<std::string> texts_;
  std::map<std::string, std::vector<std::string>> columns_;
};

}  // namespace

void store_copies(const Store& store, std::int64_t times) {
  Copying(store).run(times);
  if (db::is_shared(store.address)) analyze_store(store);
}

}  // namespace epay::bench
