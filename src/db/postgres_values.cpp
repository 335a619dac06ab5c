#include "db/postgres_values.h"

#include <libpq-fe.h>

#include <charconv>

#include "base/check.h"

namespace epay::db {
namespace {

// From PostgreSQL's catalogue of types, where they never change.
constexpr Oid type_bool = 16;
constexpr Oid type_int8 = 20;
constexpr Oid type_int2 = 21;
constexpr Oid type_int4 = 23;
constexpr Oid type_numeric = 1700;

constexpr int as_text = 0;
constexpr int as_binary = 1;

std::int64_t read_number(const unsigned char* bytes, int size) {
  // The sign is in the first byte.
  std::int64_t number = static_cast<signed char>(bytes[0]);
  for (int i = 1; i < size; ++i) number = static_cast<std::int64_t>(static_cast<std::uint64_t>(number) << 8 | bytes[i]);
  return number;
}

// Groups of four decimal digits behind a head of four 16-bit numbers: how many groups, the power of 10,000 of the
// first, the sign, how many decimals are shown. Sums of whole numbers have no decimals.
std::int64_t read_numeric(const unsigned char* bytes) {
  constexpr std::int64_t base = 10'000;
  constexpr std::int64_t negative = 0x4000;
  constexpr int head = 8;
  const auto groups = read_number(bytes, 2), power = read_number(bytes + 2, 2), sign = read_number(bytes + 4, 2);
  std::int64_t number = 0;
  for (std::int64_t i = 0; i <= power; ++i) {
    const std::int64_t group = i < groups ? read_number(bytes + head + 2 * i, 2) : 0;
    EPAY_CHECK(!__builtin_mul_overflow(number, base, &number) && !__builtin_add_overflow(number, group, &number));
  }
  return sign == negative ? -number : number;
}

}  // namespace

void PostgresParameters::fill(std::span<const Value> values) {
  contents_.assign(values.size(), nullptr);
  lengths_.assign(values.size(), 0);
  formats_.assign(values.size(), as_text);
  digits_.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::string_view content;
    if (const auto* number = std::get_if<std::int64_t>(&values[i])) {
      char* const end = std::to_chars(digits_[i].data(), digits_[i].data() + digits_max - 1, *number).ptr;
      *end = '\0';
      contents_[i] = digits_[i].data();
      continue;
    }
    if (const auto* text = std::get_if<std::string_view>(&values[i])) {
      content = *text;
    } else if (const auto* bytes = std::get_if<Bytes>(&values[i])) {
      content = bytes->content;
    } else {
      continue;
    }
    contents_[i] = content.data() != nullptr ? content.data() : "";
    lengths_[i] = static_cast<int>(content.size());
    formats_[i] = as_binary;
  }
}

bool PostgresRow::is_null(int column) const { return PQgetisnull(result_, row_, column) != 0; }

std::int64_t PostgresRow::integer(int column) const {
  if (is_null(column)) return 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(PQgetvalue(result_, row_, column));
  switch (PQftype(result_, column)) {
    case type_bool:
    case type_int2:
    case type_int4:
    case type_int8: return read_number(bytes, PQgetlength(result_, row_, column));
    case type_numeric: return read_numeric(bytes);
    default: EPAY_CHECK(false);  // the statement gives no whole number here
  }
}

std::string_view PostgresRow::text(int column) const {
  return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

}  // namespace epay::db
