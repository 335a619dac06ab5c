// Parameters and results in PostgreSQL's binary formats: integers in network order, texts and bytes as they are.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "db/database.h"

struct pg_result;

namespace epay::db {

// The parameters of one call, as libpq wants them. The type of each is the statement's to tell: numbers go as decimal
// text, which suits whatever integer (or truth value) it has. Borrows the values; one at a time.
class PostgresParameters {
 public:
  void fill(std::span<const Value> values);
  int count() const { return static_cast<int>(contents_.size()); }
  const char* const* contents() const { return contents_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  static constexpr std::size_t digits_max = 24;
  std::vector<const char*> contents_;
  std::vector<int> lengths_, formats_;
  std::vector<std::array<char, digits_max>> digits_;
};

// A row of a result that was asked for in binary.
class PostgresRow final : public Row {
 public:
  explicit PostgresRow(const pg_result* result) : result_(result) {}
  void set_row(int row) { row_ = row; }
  bool is_null(int column) const override;
  // Also of truth values (0 or 1) and of numerics, which sums are. 0 for null.
  std::int64_t integer(int column) const override;
  std::string_view text(int column) const override;

 private:
  const pg_result* result_;
  int row_ = 0;
};

}  // namespace epay::db
