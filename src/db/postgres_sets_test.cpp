#include "db/postgres_sets.h"

#include <gtest/gtest.h>

namespace epay::db {
namespace {

constexpr TypeId int8 = 20, text = 25, json = 114;

std::string set_of(std::string_view sql, std::vector<TypeId> types) {
  const auto set = to_set(sql, types);
  return set ? set->text : "none";
}

TEST(PostgresSets, ASelectTellsWhichSetARowBelongsTo) {
  const auto set = to_set("SELECT a, b FROM t WHERE merchant_id = $1 AND name = $2", std::vector{int8, text});
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(set->text,
            "SELECT q.*, w.number_of_set FROM unnest(CAST($1 AS int8[]), CAST($2 AS text[])) WITH ORDINALITY AS "
            "w(p1, p2, number_of_set) CROSS JOIN LATERAL (SELECT a, b FROM t WHERE merchant_id = w.p1 AND name = w.p2) "
            "AS q");
  EXPECT_EQ(set->kind, SetKind::select);
  EXPECT_FALSE(set->is_apart());
}

TEST(PostgresSets, AnUpdateIsOfOneMerchantEach) {
  const auto set =
      to_set("UPDATE t SET a = $2 WHERE merchant_id = $1 AND a <> $2 RETURNING a", std::vector{int8, int8});
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(set->text,
            "UPDATE t SET a = w.p2 FROM unnest(CAST($1 AS int8[]), CAST($2 AS int8[])) WITH ORDINALITY AS "
            "w(p1, p2, number_of_set) WHERE merchant_id = w.p1 AND a <> w.p2 RETURNING a, w.number_of_set");
  EXPECT_TRUE(set->is_apart());
  EXPECT_TRUE(set->gives_rows);
  EXPECT_FALSE(to_set("UPDATE t SET a = 1 WHERE merchant_id = $1 AND b = $2", std::vector{int8, int8})->gives_rows);
}

TEST(PostgresSets, AnInsertKeepsTheOrderOfItsSets) {
  EXPECT_EQ(set_of("INSERT INTO t (a, b) VALUES ($1, lower($2))", {int8, text}),
            "INSERT INTO t (a, b) SELECT w.p1, lower(w.p2) FROM unnest(CAST($1 AS int8[]), CAST($2 AS text[])) WITH "
            "ORDINALITY AS w(p1, p2, number_of_set) ORDER BY w.number_of_set");
  const auto set = to_set(
      "INSERT INTO t (merchant_id, b) VALUES ($1, $2) ON CONFLICT (merchant_id) DO UPDATE SET b = excluded.b "
      "RETURNING b",
      std::vector{int8, int8});
  ASSERT_TRUE(set.has_value());
  EXPECT_TRUE(set->text.ends_with(
      "ORDER BY w.number_of_set ON CONFLICT (merchant_id) DO UPDATE SET b = excluded.b RETURNING b, merchant_id"))
      << set->text;
  EXPECT_TRUE(set->is_apart());
}

// One that reads what another of the set may change would see too little of it.
TEST(PostgresSets, AnInsertThatReadsIsOfOneMerchantEach) {
  const auto set = to_set("INSERT INTO t (merchant_id, b) VALUES ($1, (SELECT max(b) FROM t WHERE merchant_id = $1))",
                          std::vector{int8});
  ASSERT_TRUE(set.has_value());
  EXPECT_TRUE(set->is_apart());
}

TEST(PostgresSets, WhatCannotBeASetIsNone) {
  const struct {
    const char* why;
    std::string_view sql;
    std::vector<TypeId> types;
  } cases[] = {
      {"no parameters", "SELECT 1", {}},
      {"a type without arrays here", "SELECT a FROM t WHERE b = $1", {json}},
      {"another limit for each", "SELECT a FROM t WHERE b = $1 LIMIT $2", {int8, int8}},
      {"locks", "SELECT a FROM t WHERE b = $1 FOR UPDATE", {int8}},
      {"not a merchant's", "UPDATE t SET a = $2 WHERE id = $1", {int8, int8}},
      {"not a merchant's",
       "INSERT INTO t (id, a) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET a = excluded.a",
       {int8, int8}},
      {"not a merchant's", "INSERT INTO t (id, a) VALUES ($1, $2) RETURNING a", {int8, int8}},
      {"joins already", "UPDATE t SET a = u.a FROM u WHERE merchant_id = $1", {int8}},
      {"needs its parameter behind",
       "INSERT INTO t (merchant_id) VALUES ($1, 2) ON CONFLICT (a) DO UPDATE SET a = $1",
       {int8}},
      {"deletes", "DELETE FROM t WHERE merchant_id = $1", {int8}},
  };
  for (const auto& one : cases) EXPECT_EQ(set_of(one.sql, one.types), "none") << one.why << ": " << one.sql;
}

TEST(PostgresSets, AnArrayIsInPostgresqlsFormat) {
  const Value first[] = {std::int64_t{1}, std::string_view("ab")}, second[] = {nullptr, std::string_view("")};
  const std::span<const Value> rows[] = {first, second};
  using namespace std::string_literals;
  const std::string head = "\0\0\0\1\0\0\0\1\0\0\0"s;
  EXPECT_EQ(to_array(int8, rows, 0),
            head + "\x14\0\0\0\2\0\0\0\1"s + "\0\0\0\x08\0\0\0\0\0\0\0\1"s + "\xff\xff\xff\xff"s);
  EXPECT_EQ(to_array(text, rows, 1), head + "\x19\0\0\0\2\0\0\0\1"s + "\0\0\0\2ab"s + "\0\0\0\0"s);
  EXPECT_FALSE(to_array(text, rows, 0).has_value()) << "a number is no text";
  constexpr TypeId int2 = 21;
  const Value large[] = {std::int64_t{40'000}};
  const std::span<const Value> too_large[] = {large};
  EXPECT_FALSE(to_array(int2, too_large, 0).has_value()) << "it does not fit";
}

}  // namespace
}  // namespace epay::db
