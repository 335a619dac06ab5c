// A rail's statement as it wrote it: CSV, read by a mapping of its columns to what we know (data/statements/).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/money.h"
#include "base/result.h"
#include "base/timestamp.h"

namespace epay::reconciliation {

// Stored in rows: never renumber.
enum class LineKind : std::int64_t {
  collect = 1,
  payout = 2,
  refund = 3,
  fee = 4,         // charged by the rail, of no order in particular
  settlement = 5,  // between the rail and our bank
  other = 6,
};
std::string_view wire_name(LineKind kind);

struct StatementLine {
  std::int64_t number = 0;  // in the file
  LineKind kind = LineKind::collect;
  std::string reference;       // ours, as the rail knows it; "" without one
  std::string rail_reference;  // the rail's
  Money amount;                // above zero
  std::int64_t fee_minor = 0;  // taken from this line
  bool succeeded = true;
  Timestamp occurred_at;
};

// Columns by their names, and words by what they mean. What a rail does not have is left empty.
struct Mapping {
  std::string reference, rail_reference, amount, fee, currency, status, kind, time;
  Currency default_currency = Currency::ghs();
  bool minor_units = false;
  char separator = ',';
  std::string time_format;  // strptime's, in UTC; "": as base/time_text.h reads times
  // Words of the status column that mean success, and that mean failure; others (pending, …) leave the line out.
  // Without a status column every line is a success.
  std::vector<std::string> success, failure;
  std::vector<std::pair<std::string, LineKind>> kinds;  // words of the kind column
  LineKind default_kind = LineKind::collect;
  bool negative_is_payout = false;
};

// A mapping as JSON: docs/rails.md. Error: invalid, with every problem on a line of its own.
Result<Mapping> parse_mapping(std::string_view json);
// That of a rail as we know it. Error: not_found.
Result<Mapping> mapping_of(std::string_view rail);

// Error: invalid: every line that cannot be read, at most lines_named_max of them.
inline constexpr std::size_t lines_named_max = 20;
Result<std::vector<StatementLine>> read_statement(std::string_view csv, const Mapping& mapping);

}  // namespace epay::reconciliation
