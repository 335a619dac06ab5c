#include "payments/bulk_payout.h"

#include "base/check.h"
#include "payments/bulk_store.h"
#include "payments/payment_store.h"

namespace epay::payments {
namespace {

BulkPayout read_bulk(const db::Row& row, Scope scope) {
  const auto currency = Currency::parse(row.text(2));
  EPAY_CHECK(currency.has_value());
  return {.key = {scope, row.id<BulkPayoutId>(0)},
          .name = row.string(1),
          .currency = *currency,
          .status = row.as<BulkStatus>(3),
          .lines = row.integer(4),
          .wrong = row.integer(5),
          .total_minor = row.integer(6),
          .sent = row.integer(7),
          .refused = row.integer(8),
          .stopped_because = row.optional_string(9),
          .created_at = row.time(10),
          .updated_at = row.time(11)};
}

BulkLine read_line(const db::Row& row) {
  return {.number = row.integer(0),
          .reference = row.string(1),
          .payee = {row.as<Method>(2), row.string(3), row.string(4)},
          .payee_name = row.optional_string(5),
          .amount_minor = row.integer(6),
          .description = row.string(7),
          .problem = row.optional_string(8),
          .payment = row.is_null(9) ? std::nullopt : std::optional(row.id<PaymentId>(9)),
          .failure = row.optional_string(10),
          .status = row.is_null(11) ? std::nullopt : std::optional(row.as<PaymentStatus>(11))};
}

bool move(db::Transaction& tx, BulkPayout& bulk, BulkStatus to, std::optional<std::string> because, Timestamp now) {
  const std::int64_t changed = tx.execute(store::update_bulk_status, bulk.key.scope.merchant, bulk.key.scope.mode,
                                          bulk.key.id, bulk.status, to, because, now);
  bulk.status = to;
  bulk.stopped_because = std::move(because);
  bulk.updated_at = now;
  return changed == 1;
}

std::unexpected<Error> not_now(const BulkPayout& bulk) {
  return fail(ErrorCode::conflict, "This file is " + std::string(name_of(bulk.status)));
}

}  // namespace

std::string_view name_of(BulkStatus status) {
  switch (status) {
    case BulkStatus::reading: return "reading";
    case BulkStatus::ready: return "ready";
    case BulkStatus::running: return "running";
    case BulkStatus::stopped: return "stopped";
    case BulkStatus::done: return "done";
    case BulkStatus::discarded: return "discarded";
  }
  return "";
}

BulkPayout create_bulk(db::Transaction& tx, Scope scope, const std::string& name, const Currency& currency,
                       Timestamp now) {
  BulkPayout bulk{.key = {scope, BulkPayoutId{tx.next_id(db::Sequence::bulk_payout)}},
                  .name = name,
                  .currency = currency,
                  .created_at = now,
                  .updated_at = now};
  tx.execute(store::insert_bulk, scope.merchant, scope.mode, bulk.key.id, bulk.name, currency.code(), bulk.status, now);
  return bulk;
}

std::string bulk_reference(const BulkKey& key, std::int64_t line) {
  return "BP-" + std::to_string(key.id.value) + "-" + std::to_string(line);
}

void add_bulk_lines(db::Transaction& tx, const BulkKey& key, std::vector<BulkLine> lines) {
  const MerchantId merchant = key.scope.merchant;
  using Used = db::Later<std::optional<bool>>;
  std::vector<Used> used;
  for (const BulkLine& line : lines) {
    used.push_back(tx.ask_one(store::select_reference, [](const db::Row&) { return true; }, merchant, line.reference));
  }
  std::int64_t wrong = 0, total = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    BulkLine& line = lines[i];
    if (!line.problem && used[i].get()) line.problem = "the reference has been used already";
    line.problem ? ++wrong : total += line.amount_minor;
    tx.execute(store::insert_bulk_line, merchant, key.id, line.number, line.reference, line.payee.method,
               line.payee.number, line.payee.network, line.payee_name, line.amount_minor, line.description,
               line.problem);
  }
  tx.execute(store::add_to_bulk, merchant, key.scope.mode, key.id, std::int64_t(lines.size()), wrong, total);
}

Result<BulkPayout> finish_reading(db::Transaction& tx, const BulkKey& key, Timestamp now) {
  auto bulk = find_bulk(tx, key);
  if (!bulk) return bulk;
  if (bulk->status != BulkStatus::reading) return not_now(*bulk);
  EPAY_CHECK(move(tx, *bulk, BulkStatus::ready, {}, now));
  return bulk;
}

Result<BulkPayout> find_bulk(db::Transaction& tx, const BulkKey& key) {
  auto found = tx.query_one(
      store::select_bulk, [&](const db::Row& row) { return read_bulk(row, key.scope); }, key.scope.merchant,
      key.scope.mode, key.id);
  if (!found) return fail(ErrorCode::not_found, "There is no file " + std::to_string(key.id.value));
  return *std::move(found);
}

std::vector<BulkPayout> list_bulks(db::Transaction& tx, Scope scope, int limit) {
  return tx.query_all(
      store::select_bulks, [&](const db::Row& row) { return read_bulk(row, scope); }, scope.merchant, scope.mode,
      limit);
}

std::vector<BulkLine> bulk_lines_from(db::Transaction& tx, const BulkKey& key, std::int64_t number, int limit) {
  return tx.query_all(store::select_bulk_lines, read_line, key.scope.merchant, key.id, number, limit, key.scope.mode);
}

Result<BulkPayout> start_bulk(db::Transaction& tx, const BulkKey& key, Timestamp now) {
  auto bulk = find_bulk(tx, key);
  if (!bulk) return bulk;
  if (bulk->status != BulkStatus::ready && bulk->status != BulkStatus::stopped) return not_now(*bulk);
  if (bulk->lines == bulk->wrong) return fail(ErrorCode::conflict, "This file has nothing to send");
  if (!move(tx, *bulk, BulkStatus::running, {}, now)) return fail(ErrorCode::conflict, "Somebody was faster");
  return bulk;
}

Result<BulkPayout> discard_bulk(db::Transaction& tx, const BulkKey& key, Timestamp now) {
  auto bulk = find_bulk(tx, key);
  if (!bulk) return bulk;
  if (bulk->status != BulkStatus::ready && bulk->status != BulkStatus::reading) return not_now(*bulk);
  if (!move(tx, *bulk, BulkStatus::discarded, {}, now)) return fail(ErrorCode::conflict, "Somebody was faster");
  return bulk;
}

std::vector<BulkKey> running_bulks(db::Transaction& tx, int limit) {
  return tx.query_all(
      store::select_running_bulks,
      [](const db::Row& row) { return BulkKey{{row.id<MerchantId>(0), row.as<Mode>(1)}, row.id<BulkPayoutId>(2)}; },
      limit);
}

std::vector<BulkLine> next_bulk_lines(db::Transaction& tx, const BulkKey& key, int limit) {
  return tx.query_all(store::select_bulk_lines_left, read_line, key.scope.merchant, key.id, limit);
}

void record_bulk_line(db::Transaction& tx, const BulkKey& key, const BulkLine& line, Timestamp now) {
  EPAY_CHECK(line.payment.has_value() != line.failure.has_value());
  const std::int64_t changed =
      tx.execute(store::record_bulk_line, key.scope.merchant, key.id, line.number, line.payment, line.failure);
  if (changed == 0) return;
  tx.execute(store::count_bulk_line, key.scope.merchant, key.scope.mode, key.id, line.payment ? 1 : 0,
             line.failure ? 1 : 0, now);
}

void end_bulk(db::Transaction& tx, const BulkKey& key, std::optional<std::string> stopped_because, Timestamp now) {
  auto bulk = find_bulk(tx, key);
  if (!bulk || bulk->status != BulkStatus::running) return;
  const BulkStatus to = stopped_because ? BulkStatus::stopped : BulkStatus::done;
  move(tx, *bulk, to, std::move(stopped_because), now);
}

}  // namespace epay::payments
