// Idempotency-Key: the same key and the same request give the same answer, byte for byte, once an effect was stored.
#pragma once

#include <optional>
#include <string>

#include "base/crypto.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "db/database.h"

namespace epay::payments {

inline constexpr std::size_t idempotency_key_max = 255;
// Answers are kept this long; afterwards the payment's reference still blocks a second charge, for ever.
inline constexpr hours idempotency_key_life{30 * 24};

struct KeyClaim {
  std::string key;
  Sha256 fingerprint;  // of method, path and body
};

struct StoredAnswer {
  int status = 0;
  std::string body;
};

// What is known of a key.
struct KeyRecord {
  std::optional<StoredAnswer> answer;  // none: an earlier request had its effect and was never answered
  ProcessId owner = {};                // who was at it
};

// Nothing when the key is new. Errors: conflict (used for another request), in_progress (another process that is alive
// is at it; what this one has begun it knows by itself).
Result<std::optional<KeyRecord>> find_key(db::Transaction& tx, MerchantId merchant, const KeyClaim& claim,
                                          Timestamp now);
// From now on this process is at what was never answered.
void take_over_key(db::Transaction& tx, MerchantId merchant, const KeyClaim& claim, const KeyRecord& record);
// Writes the key down, in the transaction that has the request's effect.
void record_key(db::Transaction& tx, MerchantId merchant, const KeyClaim& claim, Timestamp now);
// Stores the answer unless there is one, and gives the one that stands.
StoredAnswer store_answer(db::Transaction& tx, MerchantId merchant, const KeyClaim& claim, const StoredAnswer& answer,
                          Timestamp now);
std::int64_t delete_old_keys(db::Transaction& tx, Timestamp now, int limit);

}  // namespace epay::payments
