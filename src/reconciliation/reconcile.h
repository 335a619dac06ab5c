// A rail's statement held against our books: every line becomes a finding, and money that is nobody's yet goes into
// suspense. Where an order of ours is still open, the statement is the rail's word about it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/database.h"
#include "payments/payment.h"
#include "reconciliation/statement_file.h"

namespace epay::reconciliation {

// Stored in rows: never renumber.
enum class Finding : std::int64_t {
  matched = 1,         // the same there and here
  decided = 2,         // it was open here: the statement has decided it
  ours_only = 3,       // our books have it, the statement does not
  theirs_only = 4,     // the statement has it, and we know no such order
  amount_differs = 5,  // the same order, another amount
  state_differs = 6,   // it succeeded on one side and failed on the other
  doubled = 7,         // the rail has the order twice
  no_order = 8,        // a fee, a settlement: named, of no order
};
std::string_view wire_name(Finding finding);

enum class Resolution : std::int64_t {
  by_itself = 1,  // nothing was to be done, or a later statement had it
  credited = 2,   // to a merchant's wallet
  returned = 3,   // the rail has given it back, or has taken it
  noted = 4,      // a person has looked, and nothing moves
};
std::string_view wire_name(Resolution resolution);

struct StatementId {
  std::int64_t value = 0;
};

struct Statement {
  StatementId id;
  std::int64_t rail = 0;  // rails::RailId
  Mode mode = Mode::live;
  std::string name;
  Timestamp since, until;  // `until` is not in it
  Timestamp imported_at;
  std::optional<Timestamp> finished_at;
};

struct FoundLine {
  StatementId statement;
  std::int64_t rail = 0;
  Mode mode = Mode::live;
  StatementLine line;
  Finding finding = Finding::matched;
  std::optional<payments::AttemptKey> order;
  std::optional<std::int64_t> ours_minor;
  std::optional<Timestamp> booked_at;
  std::int64_t suspended_minor = 0;  // above zero: into suspense; below: out of it
  std::optional<Resolution> resolution;
  std::optional<Timestamp> resolved_at;
  std::string note;
};

// Money that comes in by an order is above zero, what goes out below.
std::int64_t signed_minor(LineKind kind, std::int64_t minor);

// An import begins, or goes on where it was interrupted. Errors: conflict (the same file was imported before).
struct NewStatement {
  std::int64_t rail = 0;
  Mode mode = Mode::live;
  std::string name, content;
  Timestamp since, until;
};
Result<Statement> begin_statement(db::Transaction& tx, const NewStatement& wanted, Timestamp now);
// One line. Nothing where the import had taken it before it was interrupted. `jitter` as in payments::apply_outcome().
std::optional<FoundLine> take_line(db::Transaction& tx, const Statement& statement, const StatementLine& line,
                                   Timestamp now, int jitter);
// What the books of one merchant have within the statement's time, and no statement has. What is within
// edge of its ends may be on the next one, and is not looked at.
inline constexpr microseconds edge = minutes(60);
std::vector<FoundLine> find_ours_only(db::Transaction& tx, const Statement& statement, MerchantId merchant);
void finish_statement(db::Transaction& tx, StatementId statement, Timestamp now);

std::vector<MerchantId> merchant_ids(db::Transaction& tx);

std::vector<Statement> list_statements(db::Transaction& tx);
// Errors: not_found.
Result<Statement> find_statement(db::Transaction& tx, StatementId id);
Result<FoundLine> find_line(db::Transaction& tx, StatementId statement, std::int64_t number);
std::vector<FoundLine> lines_of(db::Transaction& tx, StatementId statement);
// What waits for a person, of all statements after this one; the oldest first.
inline constexpr int open_lines_max = 1'000;
std::vector<FoundLine> open_lines(db::Transaction& tx);

// A person has decided. credited: what is in suspense for the line goes to the wallet of the merchant of its order, or
// of `merchant`. Errors: not_found, conflict (it is resolved, or there is nothing in suspense), invalid (no merchant).
Result<> resolve(db::Transaction& tx, StatementId statement, std::int64_t number, Resolution as,
                 std::optional<MerchantId> merchant, const std::string& note, Timestamp now);

}  // namespace epay::reconciliation
