#include "bench/pgbench.h"

#include <cstdio>
#include <fstream>
#include <initializer_list>
#include <stdexcept>

#include "db/postgres_session.h"
#include "events/event_store.h"
#include "ledger/ledger.h"
#include "ledger/ledger_store.h"
#include "payments/fee_store.h"
#include "payments/payment.h"
#include "payments/payment_store.h"

namespace epay::bench {
namespace {

constexpr int customers = 1'000;
constexpr int threads = 2;

// The script of one payment: each statement is the program's own text with a literal or a variable for each parameter.
class Script {
 public:
  void add(const std::string& line) { text_ += line + "\n"; }
  void add(const db::Sql& sql, std::initializer_list<std::string> arguments, const std::string& end = ";") {
    std::string line;
    for (std::size_t i = 0; i < sql.text.size(); ++i) {
      if (sql.text[i] != '$') {
        line += sql.text[i];
        continue;
      }
      std::size_t number = 0;
      while (i + 1 < sql.text.size() && sql.text[i + 1] >= '0' && sql.text[i + 1] <= '9') {
        number = number * 10 + std::size_t(sql.text[++i] - '0');
      }
      line += arguments.begin()[number - 1];
    }
    add(line + end);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string number(auto value) { return std::to_string(static_cast<std::int64_t>(value)); }

void open(Script& script) {
  using namespace payments;
  const std::string mode = number(Mode::test), wallet = "'0240000000'";
  script.add(store::select_reference, {":merchant", ":reference"});
  script.add(store::select_fee, {":merchant", "1", "'GHS'", "1"});
  script.add("SELECT nextval('ids_payment') AS payment \\gset");
  script.add(ledger::store::select_full_account, {":merchant", "'GHS'", number(INT64_MAX / 2)});
  script.add(store::select_customer_by_identity, {":merchant", mode, ":customer", ":customer", wallet},
             " \\gset customer_");
  script.add(store::insert_payment, {":merchant",
                                     mode,
                                     ":payment",
                                     number(PaymentKind::payment),
                                     number(PaymentStatus::pending),
                                     ":reference",
                                     ":customer_id",
                                     number(Method::momo),
                                     wallet,
                                     "'mtn'",
                                     ":amount",
                                     "0",
                                     "'GHS'",
                                     "'Order'",
                                     ":now",
                                     ":now",
                                     "NULL",
                                     "NULL",
                                     "NULL",
                                     "NULL",
                                     "1"});
  script.add(store::count_payment, {":merchant", mode});
  script.add(store::update_customer_last_payment, {":merchant", mode, ":customer_id", ":payment"});
  script.add(store::insert_attempt, {":merchant", ":payment", "1", mode, "1", number(AttemptStatus::created), ":now",
                                     ":now", number(Method::momo), wallet, "'mtn'", "0"});
}

void settle(Script& script) {
  using namespace payments;
  const std::string mode = number(Mode::test), payload = "'" + std::string(420, 'x') + "'";
  script.add(store::select_open_attempt, {":merchant", ":payment", "1", mode});
  script.add(store::update_attempt, {":merchant", ":payment", "1", number(AttemptStatus::created),
                                     number(AttemptStatus::succeeded), "'SIM1'", "NULL", "NULL", "0", "NULL", ":now"});
  script.add(store::select_customer, {":merchant", mode, ":customer_id"});
  script.add(events::store::select_asking_endpoints, {":merchant", "1", mode});
  script.add(events::store::insert_event, {":merchant", mode, "1", ":payment", payload, ":now", "1", "NULL"},
             " \\gset event_");
  script.add(events::store::insert_delivery, {":merchant", ":merchant", ":event_id", "1", ":now", ":now", "1"});
  script.add(store::update_payment_status, {":merchant", mode, ":payment", number(PaymentStatus::pending),
                                            number(PaymentStatus::succeeded), "0", ":now", "1", ":event_id"});
  script.add(store::count_payment_day, {":merchant", mode, "20000", number(PaymentKind::payment), "'GHS'",
                                        number(Method::momo), "1", ":amount", "0", "0"});
  const ledger::Account clearing{Mode::test, ledger::AccountKind::rail_clearing, 1}, wallet{Mode::test};
  script.add(ledger::store::debit_account, {":merchant", number(clearing.code()), "'GHS'", ":amount"});
  script.add(ledger::store::credit_account, {":merchant", number(wallet.code()), "'GHS'", ":amount"});
  script.add(ledger::store::count_wallet_day, {":merchant", mode, "'GHS'", "20000", ":amount", "0", "0", "0"});
  script.add("SELECT nextval('ids_transfer') AS transfer \\gset");
  script.add(ledger::store::insert_transfer,
             {":merchant", ":transfer", ":payment", number(ledger::Reason::payment), number(clearing.code()),
              number(wallet.code()), "'GHS'", ":amount", ":now", number(wallet.code())});
}

void record(Script& script) {
  script.add(events::store::update_delivery,
             {":merchant", ":merchant", ":event_id", "2", "1", "0", "NULL", ":now", "0", "1", "1", "0"});
  script.add(events::store::insert_attempt,
             {":merchant", ":merchant", ":event_id", "1", ":now", "1", "200", "NULL", "'ok'", "0", "0", "0", "0", "0"});
}

std::string script() {
  Script script;
  script.add("\\set merchant :client_id + 1");
  script.add("\\set reference random(1, 1000000000000000)");
  script.add("\\set customer random(0, " + std::to_string(customers - 1) + ")");
  script.add("\\set amount random(100, 999)");
  script.add("\\set now 1795000000000000");
  script.add("BEGIN;");
  script.add("SELECT pg_advisory_xact_lock_shared(0);");
  script.add("SELECT pg_advisory_xact_lock(:merchant);");
  open(script);
  settle(script);
  record(script);
  script.add("COMMIT;");
  return script.text();
}

void execute(const Store& store, const std::string& text) {
  const db::PostgresOptions options{.url = store.address, .answer_wait_max = milliseconds(0)};
  db::PostgresSession(options).execute_text(text);
}

}  // namespace

void prepare_pgbench(const PgbenchPlan& plan) {
  execute(plan.store,
          "INSERT INTO customers (merchant_id, mode, id, identity, name, email, telephone, created_at, updated_at) "
          "SELECT m.id, 1, nextval('ids_customer'), c, 'Ama Mensah', c::text, '0240000000', 0, 0 "
          "FROM merchants m CROSS JOIN generate_series(0, " +
              std::to_string(customers - 1) + ") AS customers(c)");
}

void analyze_store(const Store& store) { execute(store, "ANALYZE"); }

double run_pgbench(const PgbenchPlan& plan) {
  const std::string path = plan.store.log_path + ".pgbench";
  std::ofstream(path) << script();
  const std::string command = "pgbench --no-vacuum --protocol=prepared --client=" + std::to_string(plan.clients) +
                              " --jobs=" + std::to_string(threads) + " --time=" + std::to_string(plan.seconds) +
                              " --file=" + path + " '" + plan.store.address + "' 2>&1";
  std::FILE* const output = popen(command.c_str(), "r");
  if (output == nullptr) throw std::runtime_error("cannot run pgbench");
  std::string said;
  char line[512];
  while (std::fgets(line, sizeof line, output) != nullptr) said += line;
  const bool succeeded = pclose(output) == 0;
  constexpr std::string_view before = "\ntps = ";
  const auto found = said.find(before);
  if (!succeeded || found == std::string::npos) throw std::runtime_error("pgbench: " + said);
  return std::stod(said.substr(found + before.size()));
}

}  // namespace epay::bench
