// What a person decides about a line that did not match.
#include "base/check.h"
#include "ledger/ledger.h"
#include "reconciliation/reconcile.h"
#include "reconciliation/reconciliation_store.h"

namespace epay::reconciliation {
namespace {

Scope books_of(const FoundLine& found) { return found.order ? found.order->scope : Scope{MerchantId{0}, found.mode}; }
PaymentId payment_of(const FoundLine& found) { return found.order ? found.order->payment : PaymentId{0}; }

// What came in and is nobody's yet.
std::optional<Money> suspended(const FoundLine& found) {
  if (found.suspended_minor <= 0) return std::nullopt;
  return Money{found.suspended_minor, found.line.amount.currency};
}

Result<> credit(db::Transaction& tx, const FoundLine& found, std::optional<MerchantId> merchant, Timestamp now) {
  const auto amount = suspended(found);
  if (!amount) return fail(ErrorCode::conflict, "Nothing is in suspense for this line that could be credited");
  if (!found.order && !merchant) return fail(ErrorCode::invalid, "--merchant: whose is it?");
  const Scope owner{merchant.value_or(books_of(found).merchant), found.mode};
  auto left = ledger::leave_suspense(tx, books_of(found), payment_of(found), found.rail, *amount, now);
  if (!left) return left;
  const bool of_order = found.order && found.order->scope.merchant == owner.merchant;
  return ledger::correct(tx, owner, of_order ? found.order->payment : PaymentId{0}, found.rail, *amount, now);
}

// The rail has put it right: what was moved to suspense moves back.
Result<> give_back(db::Transaction& tx, const FoundLine& found, Timestamp now) {
  if (found.suspended_minor == 0) return fail(ErrorCode::conflict, "Nothing is in suspense for this line");
  const std::int64_t minor = found.suspended_minor;
  const Money amount{minor > 0 ? minor : -minor, found.line.amount.currency};
  return minor > 0 ? ledger::leave_suspense(tx, books_of(found), payment_of(found), found.rail, amount, now)
                   : ledger::suspend(tx, books_of(found), payment_of(found), found.rail, amount, now);
}

}  // namespace

Result<> resolve(db::Transaction& tx, StatementId statement, std::int64_t number, Resolution as,
                 std::optional<MerchantId> merchant, const std::string& note, Timestamp now) {
  const auto found = find_line(tx, statement, number);
  if (!found) return std::unexpected(found.error());
  if (found->resolution) {
    return fail(ErrorCode::conflict,
                "Line " + std::to_string(number) + " is resolved: " + std::string(wire_name(*found->resolution)));
  }
  Result<> moved;
  switch (as) {
    case Resolution::credited: moved = credit(tx, *found, merchant, now); break;
    case Resolution::returned: moved = give_back(tx, *found, now); break;
    case Resolution::by_itself:
    case Resolution::noted: break;
  }
  if (!moved) return moved;
  EPAY_CHECK(tx.execute(store::resolve_line, statement.value, number, as, now, note) == 1);
  return {};
}

}  // namespace epay::reconciliation
