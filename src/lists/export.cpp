#include "lists/export.h"

#include "base/check.h"
#include "lists/csv.h"
#include "payments/event_reference.h"

namespace epay::lists {
namespace {

using payments::PaymentKind;
using payments::PaymentStatus;

constexpr int rows_at_once = 500;

std::string row_of(const ListedPayment& payment) {
  CsvRow row;
  row.text(payment.reference)
      .value(payments::name_of(payment.kind))
      .value(name_of(payment.status))
      .value(payments::wire_name(payment.method))
      .value(fixed_decimal(payment.amount.minor, payment.amount.currency))
      .value(fixed_decimal(payment.fee_minor, payment.amount.currency))
      .value(payment.amount.currency.code())
      .text(payment.customer_name)
      .text(payment.customer_email)
      .text(payment.customer_telephone)
      .text(payment.wallet_number.value_or(""))
      .text(payment.wallet_network.value_or(""))
      .text(payment.description.value_or(""))
      .value(payment.page ? std::to_string(payment.page->value) : "")
      .value(payment.created_at.to_iso8601())
      .value(payment.updated_at.to_iso8601())
      .value(payment.id.value);
  return row.take();
}

constexpr std::string_view payments_head =
    "reference,kind,status,payment_method,amount,fee,currency,customer_name,customer_email,customer_telephone,"
    "wallet_number,wallet_network,description,page,created_at,updated_at,id\r\n";
constexpr std::string_view statement_head =
    "time,entry,what,reference,available_change,held_change,available_after,currency\r\n";

struct NamedEntry {
  ledger::PostedEntry entry;
  std::string reference;
};
struct NamedChunk {
  std::vector<NamedEntry> entries;
  std::optional<TransferId> next;
};

NamedChunk read_entries(db::Transaction& tx, const ledger::WalletKey& wallet, TransferId after,
                        ledger::TimeRange made) {
  auto chunk = ledger::next_entries(tx, wallet, after, made, rows_at_once);
  NamedChunk named{{}, chunk.next};
  for (ledger::PostedEntry& entry : chunk.entries) {
    auto reference = payments::reference_of(tx, wallet.scope, entry.payment).value_or("");
    named.entries.push_back({std::move(entry), std::move(reference)});
  }
  return named;
}

std::string row_of(const NamedEntry& named) {
  const auto& [entry, reference] = named;
  const Currency& currency = entry.amount.currency;
  EPAY_CHECK(entry.available_after_minor.has_value());
  CsvRow row;
  row.value(entry.created_at.to_iso8601())
      .value(entry.id.value)
      .value(name_of(entry.reason))
      .text(reference)
      .value(fixed_decimal(entry.change_of(ledger::AccountKind::available), currency))
      .value(fixed_decimal(entry.change_of(ledger::AccountKind::held), currency))
      .value(fixed_decimal(*entry.available_after_minor, currency))
      .value(currency.code());
  return row.take();
}

std::string balance_row(std::string_view what, std::int64_t day, std::int64_t available_minor,
                        const Currency& currency) {
  CsvRow row;
  row.value(Timestamp::start_of_day(day).to_iso8601())
      .value("")
      .value(what)
      .value("")
      .value("")
      .value("")
      .value(fixed_decimal(available_minor, currency))
      .value(currency.code());
  return row.take();
}

// A client that misses the end of a file must hear of it: the connection is broken.
template <class T>
T need(Result<T> read) {
  if (!read) throw db::StoreFailure(read.error().message);
  return *std::move(read);
}

}  // namespace

std::string_view name_of(PaymentStatus status) {
  if (status == PaymentStatus::reversed) return "reversed";
  return status == PaymentStatus::expired ? "expired" : payments::wire_name(status);
}

std::string_view name_of(ledger::Reason reason) {
  switch (reason) {
    case ledger::Reason::payment: return "payment";
    case ledger::Reason::fee: return "fee";
    case ledger::Reason::payout_hold: return "payout_hold";
    case ledger::Reason::payout_settle: return "payout_settle";
    case ledger::Reason::payout_release: return "payout_release";
    case ledger::Reason::suspend: return "suspend";
    case ledger::Reason::leave_suspense: return "leave_suspense";
    case ledger::Reason::correction: return "correction";
    case ledger::Reason::refund_hold: return "refund_hold";
    case ledger::Reason::refund_settle: return "refund_settle";
    case ledger::Reason::refund_release: return "refund_release";
    case ledger::Reason::payout_reversal: return "payout_reversal";
    case ledger::Reason::refund_reversal: return "refund_reversal";
    case ledger::Reason::outgoing_fee: return "outgoing_fee";
    case ledger::Reason::outgoing_fee_back: return "outgoing_fee_back";
  }
  return "";
}

Task<void> write_payments(http::BodyWriter& out, db::Database& database, Scope scope, PaymentFilter filter) {
  if (!co_await out.write(std::string(csv_byte_order_mark) + std::string(payments_head))) co_return;
  std::optional<ListCursor> cursor;
  do {
    const auto page = need(co_await database.read([&](db::Transaction& tx) -> Result<PaymentPage> {
      return list_payments(tx, scope, filter, cursor, rows_at_once);
    }));
    std::string piece;
    for (const ListedPayment& payment : page.rows) piece += row_of(payment);
    if (!piece.empty() && !co_await out.write(piece)) co_return;
    cursor = page.older;
  } while (cursor);
}

Task<void> write_statement(http::BodyWriter& out, db::Database& database, ledger::WalletKey wallet,
                           std::int64_t first_day, std::int64_t last_day) {
  struct Begin {
    ledger::Statement statement;
    TransferId after;
  };
  const ledger::TimeRange made{Timestamp::start_of_day(first_day), Timestamp::start_of_day(last_day + 1)};
  const auto begin = need(co_await database.read([&](db::Transaction& tx) -> Result<Begin> {
    return Begin{ledger::statement_of(tx, wallet, first_day, last_day),
                 ledger::entry_before(tx, wallet.scope.merchant, made.since)};
  }));
  const ledger::Statement& statement = begin.statement;
  const std::string head =
      std::string(csv_byte_order_mark) + std::string(statement_head) +
      balance_row("opening_balance", first_day, statement.opening_available_minor, wallet.currency);
  if (!co_await out.write(head)) co_return;
  std::int64_t closing = statement.opening_available_minor;
  std::optional<TransferId> after = begin.after;
  while (after) {
    const auto chunk = need(co_await database.read(
        [&](db::Transaction& tx) -> Result<NamedChunk> { return read_entries(tx, wallet, *after, made); }));
    std::string piece;
    for (const NamedEntry& named : chunk.entries) {
      piece += row_of(named);
      closing = *named.entry.available_after_minor;
    }
    if (!piece.empty() && !co_await out.write(piece)) co_return;
    after = chunk.next;
  }
  co_await out.write(balance_row("closing_balance", last_day + 1, closing, wallet.currency));
}

}  // namespace epay::lists
