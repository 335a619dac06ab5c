#include "merchants/throttle.h"

#include <algorithm>

#include "base/crypto.h"
#include "merchants/throttle_store.h"

namespace epay::merchants {
namespace {

// More than one try adds, so that the table shrinks.
constexpr int deleted_at_once = 4;

std::string key_of(const Throttle& throttle, std::string_view subject) {
  return to_bytes(sha256(std::string(throttle.name) + ":" + std::string(subject)));
}

// After the `used`-th try.
microseconds wait_after(const Throttle& throttle, std::int64_t used) {
  if (used < throttle.free) return microseconds(0);
  microseconds wait = throttle.first_wait;
  for (std::int64_t doubled = throttle.free; doubled < used && wait < throttle.wait_max; ++doubled) wait *= 2;
  return std::min<microseconds>(wait, throttle.wait_max);
}

}  // namespace

Try take_try(db::Transaction& tx, const Throttle& throttle, std::string_view subject, Timestamp now) {
  struct Count {
    std::int64_t used = 0;
    Timestamp free_at;
  };
  const std::string key = key_of(throttle, subject);
  const auto count = tx.query_one(
                           store::select_throttle,
                           [](const db::Row& row) { return Count{row.integer(0), row.time(1)}; }, db::Bytes{key}, now)
                         .value_or(Count{});
  if (count.free_at > now) return {count.free_at - now, count.used};
  tx.execute(store::delete_old_throttles, now, deleted_at_once);
  const microseconds wait = wait_after(throttle, count.used + 1);
  tx.execute(store::upsert_throttle, db::Bytes{key}, count.used + 1, now + wait,
             now + std::max<microseconds>(wait, throttle.forgotten_after));
  return {std::nullopt, count.used + 1};
}

void forgive(db::Transaction& tx, const Throttle& throttle, std::string_view subject) {
  tx.execute(store::delete_throttle, db::Bytes{key_of(throttle, subject)});
}

void give_back_try(db::Transaction& tx, const Throttle& throttle, std::string_view subject) {
  tx.execute(store::update_throttle_back, db::Bytes{key_of(throttle, subject)});
}

}  // namespace epay::merchants
