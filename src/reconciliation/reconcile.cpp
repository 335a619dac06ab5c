#include "reconciliation/reconcile.h"

#include "base/check.h"
#include "base/crypto.h"
#include "events/event.h"
#include "ledger/ledger.h"
#include "ledger/wallet.h"
#include "payments/outcome.h"
#include "reconciliation/reconciliation_store.h"

namespace epay::reconciliation {
namespace {

using payments::AttemptStatus;

// Money that is of no order of ours is in books of nobody's.
constexpr MerchantId house{0};
constexpr int entries_at_once = 1'000;

Statement read_statement_row(const db::Row& row) {
  return {.id = {row.integer(0)},
          .rail = row.integer(1),
          .mode = row.as<Mode>(2),
          .name = row.string(3),
          .since = row.time(4),
          .until = row.time(5),
          .imported_at = row.time(6),
          .finished_at = row.is_null(7) ? std::nullopt : std::optional(row.time(7))};
}

FoundLine read_line_row(const db::Row& row) {
  const auto currency = Currency::parse(row.text(9));
  EPAY_CHECK(currency.has_value());
  FoundLine found{.statement = {row.integer(0)}, .rail = row.integer(2), .mode = row.as<Mode>(3)};
  found.line = {.number = row.integer(1),
                .kind = row.as<LineKind>(4),
                .reference = row.string(5),
                .rail_reference = row.string(6),
                .amount = {row.integer(7), *currency},
                .fee_minor = row.integer(8),
                .succeeded = row.integer(10) != 0,
                .occurred_at = row.time(11)};
  found.finding = row.as<Finding>(12);
  if (!row.is_null(13)) {
    found.order = payments::AttemptKey{
        {MerchantId{row.integer(13)}, found.mode}, PaymentId{row.integer(14)}, static_cast<int>(row.integer(15))};
  }
  found.ours_minor = row.optional_integer(16);
  if (!row.is_null(17)) found.booked_at = row.time(17);
  found.suspended_minor = row.integer(18);
  if (!row.is_null(19)) found.resolution = row.as<Resolution>(19);
  if (!row.is_null(20)) found.resolved_at = row.time(20);
  found.note = row.optional_string(21).value_or("");
  return found;
}

void insert(db::Transaction& tx, const FoundLine& found) {
  const StatementLine& line = found.line;
  const auto merchant = found.order ? std::optional(found.order->scope.merchant) : std::nullopt;
  const auto payment = found.order ? std::optional(found.order->payment) : std::nullopt;
  const auto attempt = found.order ? std::optional(std::int64_t(found.order->number)) : std::nullopt;
  tx.execute(store::insert_line, found.statement.value, line.number, found.rail, found.mode, line.kind, line.reference,
             line.rail_reference, line.amount.minor, line.fee_minor, line.amount.currency.code(),
             line.succeeded ? 1 : 0, line.occurred_at, found.finding, merchant, payment, attempt, found.ours_minor,
             found.booked_at, found.suspended_minor, found.resolution, found.resolved_at,
             found.note.empty() ? std::nullopt : std::optional(found.note));
}

bool is_order(LineKind kind) {
  return kind == LineKind::collect || kind == LineKind::payout || kind == LineKind::refund;
}

bool fits(LineKind kind, payments::PaymentKind of) {
  switch (of) {
    case payments::PaymentKind::payment: return kind == LineKind::collect;
    case payments::PaymentKind::payout: return kind == LineKind::payout;
    // Where a rail cannot refund, a payout gives the money back.
    case payments::PaymentKind::refund: return kind == LineKind::refund || kind == LineKind::payout;
  }
  return false;
}

// Makes the rail's clearing account say what the statement does.
void move_to_suspense(db::Transaction& tx, FoundLine& found, std::int64_t minor, Timestamp now) {
  if (minor == 0) return;
  const Scope scope = found.order ? found.order->scope : Scope{house, found.mode};
  const PaymentId payment = found.order ? found.order->payment : PaymentId{0};
  const Money amount{minor > 0 ? minor : -minor, found.line.amount.currency};
  const auto posted = minor > 0 ? ledger::suspend(tx, scope, payment, found.rail, amount, now)
                                : ledger::leave_suspense(tx, scope, payment, found.rail, amount, now);
  EPAY_CHECK(posted.has_value());
  found.suspended_minor = minor;
}

// What an earlier statement did not have, and this one does.
void close_ours_only(db::Transaction& tx, const std::vector<FoundLine>& same, const Statement& by, Timestamp now) {
  for (const FoundLine& one : same) {
    if (one.finding != Finding::ours_only || one.resolution) continue;
    tx.execute(store::resolve_line, one.statement.value, one.line.number, Resolution::by_itself, now,
               "is on statement " + std::to_string(by.id.value));
  }
}

class Taking {
 public:
  Taking(db::Transaction& tx, const Statement& statement, const StatementLine& line, Timestamp now, int jitter)
      : tx_(tx), statement_(statement), now_(now), jitter_(jitter) {
    found_ = {.statement = statement.id, .rail = statement.rail, .mode = statement.mode, .line = line};
  }

  FoundLine take() {
    decide();
    const bool nothing_to_do =
        found_.finding == Finding::matched || found_.finding == Finding::decided || found_.finding == Finding::no_order;
    if (nothing_to_do) {
      found_.resolution = Resolution::by_itself;
      found_.resolved_at = now_;
    }
    insert(tx_, found_);
    return found_;
  }

 private:
  std::int64_t theirs() const { return signed_minor(found_.line.kind, found_.line.amount.minor); }

  void decide() {
    found_.finding = Finding::no_order;
    if (!is_order(found_.line.kind)) return;
    auto open = find_order();
    if (!open) return take_unknown();
    found_.order = open->attempt.key;
    const auto same =
        tx_.query_all(store::select_lines_of_reference, read_line_row, std::string_view(found_.line.reference));
    if (found_.line.succeeded && is_there(same)) return take_doubled();
    if (payments::is_open(open->attempt.status)) {
      open = ask_to_decide(*open);
      found_.finding = Finding::decided;
    } else {
      found_.finding = Finding::matched;
    }
    compare(*open);
    close_ours_only(tx_, same, statement_, now_);
  }

  std::optional<payments::OpenAttempt> find_order() {
    const auto key = payments::attempt_of(found_.line.reference);
    if (!key || key->scope.mode != statement_.mode) return std::nullopt;
    auto open = payments::find_attempt(tx_, *key);
    const bool ours = open && open->attempt.rail == statement_.rail && fits(found_.line.kind, open->payment.kind);
    return ours ? std::optional(*std::move(open)) : std::nullopt;
  }

  static bool is_there(const std::vector<FoundLine>& same) {
    for (const FoundLine& one : same) {
      if (one.line.succeeded && one.finding != Finding::ours_only) return true;
    }
    return false;
  }

  // What failed there and is not known here is nothing.
  void take_unknown() {
    if (!found_.line.succeeded) return;
    found_.finding = Finding::theirs_only;
    move_to_suspense(tx_, found_, theirs(), now_);
  }

  void take_doubled() {
    found_.finding = Finding::doubled;
    move_to_suspense(tx_, found_, theirs(), now_);
  }

  payments::OpenAttempt ask_to_decide(const payments::OpenAttempt& open) {
    payments::Outcome outcome;
    outcome.kind = found_.line.succeeded ? payments::Outcome::Kind::succeeded : payments::Outcome::Kind::failed;
    if (!found_.line.rail_reference.empty()) outcome.rail_id = found_.line.rail_reference;
    if (found_.line.succeeded) outcome.amount = found_.line.amount;
    if (!found_.line.succeeded) outcome.failure = "failed by the rail's statement";
    const auto applied = payments::apply_outcome(tx_, open.attempt.key, outcome, now_, jitter_);
    EPAY_CHECK(applied.has_value());
    return {applied->payment, applied->attempt};
  }

  void compare(const payments::OpenAttempt& order) {
    const bool here = order.attempt.status == AttemptStatus::succeeded;
    // The rail had named this amount before, and it is in suspense since.
    if (order.attempt.status == AttemptStatus::suspended) {
      found_.finding = Finding::amount_differs;
      return;
    }
    if (here) {
      found_.ours_minor = order.payment.charged().minor;
      found_.booked_at = order.payment.updated_at;
    }
    if (here != found_.line.succeeded) {
      found_.finding = Finding::state_differs;
      return move_to_suspense(tx_, found_,
                              here ? -signed_minor(found_.line.kind, order.payment.charged().minor) : theirs(), now_);
    }
    const bool same_amount = order.payment.charged() == found_.line.amount;
    if (!here || same_amount) return;
    found_.finding = Finding::amount_differs;
    if (order.payment.charged().currency != found_.line.amount.currency) return;
    move_to_suspense(tx_, found_, theirs() - signed_minor(found_.line.kind, order.payment.charged().minor), now_);
  }

  db::Transaction& tx_;
  const Statement& statement_;
  Timestamp now_;
  int jitter_;
  FoundLine found_;
};

std::optional<LineKind> kind_of(ledger::Reason reason) {
  switch (reason) {
    case ledger::Reason::payment: return LineKind::collect;
    case ledger::Reason::payout_settle: return LineKind::payout;
    case ledger::Reason::refund_settle: return LineKind::refund;
    default: return std::nullopt;
  }
}

}  // namespace

std::string_view wire_name(Finding finding) {
  switch (finding) {
    case Finding::matched: return "matched";
    case Finding::decided: return "decided";
    case Finding::ours_only: return "ours only";
    case Finding::theirs_only: return "theirs only";
    case Finding::amount_differs: return "amount differs";
    case Finding::state_differs: return "state differs";
    case Finding::doubled: return "doubled";
    case Finding::no_order: return "no order";
  }
  return "";
}

std::string_view wire_name(Resolution resolution) {
  switch (resolution) {
    case Resolution::by_itself: return "by itself";
    case Resolution::credited: return "credited";
    case Resolution::returned: return "returned";
    case Resolution::noted: return "noted";
  }
  return "";
}

std::int64_t signed_minor(LineKind kind, std::int64_t minor) { return kind == LineKind::collect ? minor : -minor; }

Result<Statement> begin_statement(db::Transaction& tx, const NewStatement& wanted, Timestamp now) {
  const std::string hash = to_bytes(sha256(wanted.content));
  const auto known =
      tx.query_one(store::select_statement_of_content, read_statement_row, db::Bytes{hash}, wanted.rail, wanted.mode);
  if (known && known->finished_at) {
    return fail(ErrorCode::conflict, "This file was imported before, as statement " + std::to_string(known->id.value));
  }
  if (known) return *known;
  const auto last = tx.query_one(store::select_last_statement, [](const db::Row& row) { return row.integer(0); });
  Statement statement{.id = {last.value_or(0) + 1},
                      .rail = wanted.rail,
                      .mode = wanted.mode,
                      .name = wanted.name,
                      .since = wanted.since,
                      .until = wanted.until,
                      .imported_at = now};
  tx.execute(store::insert_statement, statement.id.value, statement.rail, statement.mode, statement.name,
             db::Bytes{hash}, statement.since, statement.until, now);
  return statement;
}

std::optional<FoundLine> take_line(db::Transaction& tx, const Statement& statement, const StatementLine& line,
                                   Timestamp now, int jitter) {
  const auto taken =
      tx.query_one(store::select_whether_line, [](const db::Row&) { return true; }, statement.id.value, line.number);
  if (taken) return std::nullopt;
  return Taking(tx, statement, line, now, jitter).take();
}

std::vector<FoundLine> find_ours_only(db::Transaction& tx, const Statement& statement, MerchantId merchant) {
  std::vector<FoundLine> found;
  const Scope scope{merchant, statement.mode};
  std::int64_t number =
      tx.query_one(
            store::select_least_number, [](const db::Row& row) { return row.integer(0); }, statement.id.value)
          .value_or(0);
  number = std::min<std::int64_t>(number, 0);
  for (const ledger::Balance& balance : ledger::balances(tx, scope)) {
    const ledger::WalletKey wallet{scope, *Currency::parse(balance.currency)};
    const ledger::TimeRange made{statement.since + edge, statement.until - edge};
    std::optional<TransferId> after = ledger::entry_before(tx, merchant, made.since);
    while (after) {
      const auto chunk = ledger::next_entries(tx, wallet, *after, made, entries_at_once);
      after = chunk.next;
      for (const ledger::PostedEntry& entry : chunk.entries) {
        const auto kind = kind_of(entry.reason);
        const bool on_rail = entry.debit.rail == statement.rail || entry.credit.rail == statement.rail;
        if (!kind || !on_rail) continue;
        const auto attempt = payments::last_attempt(tx, {.scope = scope, .id = entry.payment});
        EPAY_CHECK(attempt.has_value());
        const auto order = payments::find_attempt(tx, attempt->key);
        EPAY_CHECK(order.has_value());
        const std::string reference = payments::rail_reference_of(attempt->key);
        const auto same = tx.query_all(store::select_lines_of_reference, read_line_row, std::string_view(reference));
        if (!same.empty()) continue;
        FoundLine line{.statement = statement.id, .rail = statement.rail, .mode = statement.mode};
        line.line = {.number = --number,
                     .kind = *kind,
                     .reference = reference,
                     .rail_reference = attempt->rail_id.value_or(""),
                     .amount = order->payment.charged(),
                     .occurred_at = entry.created_at};
        line.finding = Finding::ours_only;
        line.order = attempt->key;
        line.ours_minor = order->payment.charged().minor;
        line.booked_at = entry.created_at;
        insert(tx, line);
        found.push_back(std::move(line));
      }
    }
  }
  return found;
}

void finish_statement(db::Transaction& tx, StatementId statement, Timestamp now) {
  tx.execute(store::finish_statement, statement.value, now);
}

std::vector<MerchantId> merchant_ids(db::Transaction& tx) {
  return tx.query_all(store::select_merchants, [](const db::Row& row) { return row.id<MerchantId>(0); });
}

std::vector<Statement> list_statements(db::Transaction& tx) {
  constexpr int shown_max = 1'000;
  return tx.query_all(store::select_statements, read_statement_row, shown_max);
}

Result<Statement> find_statement(db::Transaction& tx, StatementId id) {
  auto found = tx.query_one(store::select_statement, read_statement_row, id.value);
  if (!found) return fail(ErrorCode::not_found, "There is no statement " + std::to_string(id.value));
  return *std::move(found);
}

Result<FoundLine> find_line(db::Transaction& tx, StatementId statement, std::int64_t number) {
  auto found = tx.query_one(store::select_line, read_line_row, statement.value, number);
  if (!found) {
    return fail(ErrorCode::not_found,
                "Statement " + std::to_string(statement.value) + " has no line " + std::to_string(number));
  }
  return *std::move(found);
}

std::vector<FoundLine> lines_of(db::Transaction& tx, StatementId statement) {
  return tx.query_all(store::select_lines, read_line_row, statement.value);
}

std::vector<FoundLine> open_lines(db::Transaction& tx) {
  return tx.query_all(store::select_open_lines, read_line_row, 0, open_lines_max);
}

}  // namespace epay::reconciliation
