#include "payments/idempotency_key.h"

#include "payments/payment_store.h"
#include "processes/process.h"

namespace epay::payments {
namespace {

// How long a living process may take over a request: after that it has forgotten it.
constexpr seconds work_time_max{60};

}  // namespace

Result<std::optional<KeyRecord>> find_key(db::Transaction& tx, MerchantId merchant, const KeyClaim& claim,
                                          Timestamp now) {
  struct Row {
    std::string fingerprint;
    KeyRecord record;
    Timestamp created_at;
  };
  const auto found = tx.query_one(
      store::select_key,
      [](const db::Row& row) {
        Row read{row.string(0), {.owner = row.id<ProcessId>(4)}, row.time(3)};
        if (!row.is_null(1)) read.record.answer = StoredAnswer{int(row.integer(1)), row.string(2)};
        return read;
      },
      merchant, claim.key);
  if (!found) return std::nullopt;
  if (found->fingerprint != to_bytes(claim.fingerprint)) {
    return fail(ErrorCode::conflict, "This Idempotency-Key was used for a different request");
  }
  if (found->record.answer) return found->record;
  // A record from the future was made before the wall clock was set back.
  const bool in_time = now <= found->created_at + work_time_max && found->created_at <= now + work_time_max;
  if (in_time && !processes::is_free(tx, found->record.owner)) {
    return fail(ErrorCode::in_progress, "A request with this Idempotency-Key is being worked on; try again shortly");
  }
  return found->record;
}

void take_over_key(db::Transaction& tx, MerchantId merchant, const KeyClaim& claim, const KeyRecord& record) {
  if (record.owner != tx.process()) tx.execute(store::update_key_owner, merchant, claim.key, tx.process());
}

void record_key(db::Transaction& tx, MerchantId merchant, const KeyClaim& claim, Timestamp now) {
  tx.execute(store::insert_key, merchant, claim.key, db::Bytes{to_bytes(claim.fingerprint)}, now, tx.process());
}

StoredAnswer store_answer(db::Transaction& tx, MerchantId merchant, const KeyClaim& claim, const StoredAnswer& answer,
                          Timestamp now) {
  record_key(tx, merchant, claim, now);
  if (tx.execute(store::update_key_answer, merchant, claim.key, answer.status, db::Bytes{answer.body}) > 0)
    return answer;
  const auto stored = find_key(tx, merchant, claim, now);
  return stored && *stored && (*stored)->answer ? *(*stored)->answer : answer;
}

std::int64_t delete_old_keys(db::Transaction& tx, Timestamp now, int limit) {
  struct Old {
    MerchantId merchant;
    std::string key;
  };
  const auto old = tx.query_all(
      store::select_old_keys, [](const db::Row& row) { return Old{row.id<MerchantId>(0), row.string(1)}; },
      now - idempotency_key_life, limit);
  std::int64_t deleted = 0;
  for (const auto& [merchant, key] : old) deleted += tx.execute(store::delete_key, merchant, key);
  return deleted;
}

}  // namespace epay::payments
