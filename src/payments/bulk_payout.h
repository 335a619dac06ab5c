// Many payouts from one file: read in, looked at, begun by somebody, and then paid line by line. A line is a payout
// under a reference of its own, which is used once for ever: whatever is begun again, no line is paid twice.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/money.h"
#include "base/result.h"
#include "base/timestamp.h"
#include "db/database.h"
#include "payments/recipient.h"

namespace epay::payments {

inline constexpr std::size_t bulk_lines_max = 20'000;
inline constexpr std::size_t bulk_name_max = 100;
inline constexpr int bulk_lines_per_page = 50;

// Stored: never renumber.
enum class BulkStatus : std::int64_t { reading = 1, ready = 2, running = 3, stopped = 4, done = 5, discarded = 6 };
std::string_view name_of(BulkStatus status);  // "reading", "ready", …

struct BulkKey {
  Scope scope;
  BulkPayoutId id;
  friend auto operator<=>(const BulkKey&, const BulkKey&) = default;
};

struct BulkPayout {
  BulkKey key;
  std::string name;
  Currency currency = Currency::ghs();
  BulkStatus status = BulkStatus::reading;
  std::int64_t lines = 0, wrong = 0;  // wrong ones are among the lines, and are not sent
  std::int64_t total_minor = 0;       // of those that are not wrong
  std::int64_t sent = 0, refused = 0;
  std::optional<std::string> stopped_because;
  Timestamp created_at, updated_at;
};

struct BulkLine {
  std::int64_t number = 0;  // from 1
  std::string reference;
  PayeeAccount payee;
  std::optional<std::string> payee_name;
  std::int64_t amount_minor = 0;
  std::string description;
  std::optional<std::string> problem;   // it cannot be sent
  std::optional<PaymentId> payment;     // the payout that was made of it
  std::optional<std::string> failure;   // why none was
  std::optional<PaymentStatus> status;  // of the payout
};

// An empty one. A line's own reference is made of its key where the file has none: bulk_reference().
BulkPayout create_bulk(db::Transaction& tx, Scope scope, const std::string& name, const Currency& currency,
                       Timestamp now);
std::string bulk_reference(const BulkKey& key, std::int64_t line);
// Lines that are read in; a reference that is used already is their problem.
void add_bulk_lines(db::Transaction& tx, const BulkKey& key, std::vector<BulkLine> lines);
// All lines are in.
Result<BulkPayout> finish_reading(db::Transaction& tx, const BulkKey& key, Timestamp now);

// Errors: not_found.
Result<BulkPayout> find_bulk(db::Transaction& tx, const BulkKey& key);
// Newest first, at most `limit`.
std::vector<BulkPayout> list_bulks(db::Transaction& tx, Scope scope, int limit);
// From a number on, at most `limit`, with what became of their payouts.
std::vector<BulkLine> bulk_lines_from(db::Transaction& tx, const BulkKey& key, std::int64_t number, int limit);

// Begins it, or goes on with it. Errors: not_found, conflict (it is running, over, or has nothing to send).
Result<BulkPayout> start_bulk(db::Transaction& tx, const BulkKey& key, Timestamp now);
// It is not to be sent. Errors: not_found, conflict (it was begun).
Result<BulkPayout> discard_bulk(db::Transaction& tx, const BulkKey& key, Timestamp now);

// ---- while it runs ----

std::vector<BulkKey> running_bulks(db::Transaction& tx, int limit);
// The next that are to be sent, in their order.
std::vector<BulkLine> next_bulk_lines(db::Transaction& tx, const BulkKey& key, int limit);
// What became of a line: a payout, or why there is none. Once: a second word changes nothing.
void record_bulk_line(db::Transaction& tx, const BulkKey& key, const BulkLine& line, Timestamp now);
// It has stopped by itself, or is done. Nothing where it does not run.
void end_bulk(db::Transaction& tx, const BulkKey& key, std::optional<std::string> stopped_because, Timestamp now);

}  // namespace epay::payments
