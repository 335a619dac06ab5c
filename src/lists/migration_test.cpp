// A store with payments from before there were days and balances: they are there after it was opened, and right.
#include <gtest/gtest.h>

#include "db/sqlite_database.h"
#include "ledger/verify.h"
#include "payments/verify.h"
#include "simulation/memory_store.h"
#include "simulation/run_task.h"

namespace epay::lists {
namespace {

constexpr const char* path = "file:/before_lists?vfs=memdb";
constexpr db::Sql insert_merchant{
    "INSERT INTO merchants (id, name, email, telephone, merchant_key, fee_basis_points, created_at) "
    "VALUES (1, 'Shop', 's@example.com', '0240000000', 'k', 0, 1)"};
constexpr db::Sql insert_payments{
    "INSERT INTO payments (merchant_id, mode, id, kind, status, late, reference, method, amount_minor, fee_minor, "
    "currency, "
    "created_at, updated_at, expires_at) VALUES "
    "(1, 1, 1, 1, 3, 0, 'a', 1, 1000, 10, 'GHS', 1, 5, 9), (1, 1, 2, 1, 4, 0, 'b', 2, 500, 0, 'GHS', 2, 6, 9), "
    "(1, 1, 3, 2, 4, 0, 'c', 1, 300, 0, 'GHS', 7, 90000000000, 9), (1, 2, 4, 1, 3, 1, 'd', 1, 70, 0, 'GHS', 8, "
    "90000000001, 9), "
    "(1, 1, 5, 1, 2, 0, 'e', 1, 70, 0, 'GHS', 9, 9, 9)"};
constexpr db::Sql insert_accounts{
    "INSERT INTO accounts (merchant_id, code, currency, debits_minor, credits_minor) VALUES (1, 1010001, 'GHS', 1000, "
    "0), "
    "(1, 1020000, 'GHS', 300, 1290), (1, 1030000, 'GHS', 300, 300), (1, 1040000, 'GHS', 0, 10), "
    "(1, 2010001, 'GHS', 70, 0), (1, 2020000, 'GHS', 0, 70)"};
constexpr db::Sql insert_transfers{
    "INSERT INTO transfers (merchant_id, id, payment_id, reason, debit_code, credit_code, currency, amount_minor, "
    "created_at) "
    "VALUES (1, 1, 1, 1, 1010001, 1020000, 'GHS', 990, 5), (1, 2, 1, 2, 1010001, 1040000, 'GHS', 10, 5), "
    "(1, 3, 3, 3, 1020000, 1030000, 'GHS', 300, 7), (1, 4, 3, 5, 1030000, 1020000, 'GHS', 300, 90000000000), "
    "(1, 5, 4, 1, 2010001, 2020000, 'GHS', 70, 90000000001)"};

TEST(ListMigration, WhatWasThereBeforeIsCounted) {
  simulation::MemoryStore seams;
  const auto all = db::embedded_migrations();
  std::size_t before = 0;
  while (all[before].name != "lists") ++before;
  // One connection is kept: the store lives in memory.
  const auto old = *db::SqliteDatabase::open(
      seams.clock, seams.log,
      {.path = path, .threading = db::Threading::inline_steps, .migrations = all.first(before)});
  ASSERT_TRUE(simulation::run_task(seams.clock, old->write([&](db::Transaction& tx) -> Result<> {
    for (const db::Sql* sql : {&insert_merchant, &insert_payments, &insert_accounts, &insert_transfers})
      tx.execute(*sql);
    return {};
  })));

  const auto opened =
      db::SqliteDatabase::open(seams.clock, seams.log, {.path = path, .threading = db::Threading::inline_steps});
  ASSERT_TRUE(opened) << opened.error().message;
  const auto wrong =
      simulation::run_task(seams.clock, (*opened)->write([](db::Transaction& tx) -> Result<std::vector<std::string>> {
        auto found = ledger::verify(tx);
        for (auto& sentence : payments::verify(tx)) found.push_back(std::move(sentence));
        return found;
      }));
  EXPECT_EQ(*wrong, std::vector<std::string>());
}

}  // namespace
}  // namespace epay::lists
