// A store from before people could sign in, opened by this one.
#include <gtest/gtest.h>

#include "db/sqlite_database.h"
#include "merchants/merchant.h"
#include "merchants/user.h"
#include "simulation/memory_store.h"
#include "simulation/run_task.h"

namespace epay::merchants {
namespace {

constexpr const char* path = "file:/before_accounts?vfs=memdb";
constexpr db::Sql insert_merchant{
    "INSERT INTO merchants (id, name, email, telephone, merchant_key, fee_basis_points, created_at) "
    "VALUES ($1, $2, $3, '0240000000', $2, 0, 1000)"};
constexpr db::Sql insert_user{
    "INSERT INTO users (merchant_id, id, email, password_hash, role, created_at) VALUES ($1, $2, $3, 'hash', 1, 1000)"};

TEST(AccountsMigration, OwnersKeepTheirAddressesAndSignInWithThem) {
  simulation::MemoryStore seams;
  const auto all = db::embedded_migrations();
  // One connection is kept: the store lives in memory.
  const auto old = *db::SqliteDatabase::open(
      seams.clock, seams.log, {.path = path, .threading = db::Threading::inline_steps, .migrations = all.first(3)});
  ASSERT_TRUE(simulation::run_task(seams.clock, old->write([&](db::Transaction& tx) -> Result<> {
    // Addresses were compared letter by letter then: the first keeps what two have.
    tx.execute(insert_merchant, 1, "one", "Ama@example.com");
    tx.execute(insert_user, 1, 10, "Ama@example.com");
    tx.execute(insert_merchant, 2, "two", "ama@EXAMPLE.com");
    tx.execute(insert_user, 2, 20, "ama@EXAMPLE.com");
    tx.execute(insert_merchant, 3, "three", "kofi@example.com");
    tx.execute(insert_user, 3, 30, "kofi@example.com");
    return {};
  })));

  const auto opened =
      db::SqliteDatabase::open(seams.clock, seams.log, {.path = path, .threading = db::Threading::inline_steps});
  ASSERT_TRUE(opened) << opened.error().message;
  const auto looked = simulation::run_task(seams.clock, (*opened)->write([&](db::Transaction& tx) -> Result<> {
    const auto ama = find_user_by_email(tx, "AMA@example.com");
    EXPECT_EQ(ama->key, (UserKey{MerchantId{1}, UserId{10}}));
    EXPECT_EQ(ama->email, "Ama@example.com");
    EXPECT_EQ(ama->password_hash, "hash");
    EXPECT_EQ(ama->role, Role::owner);
    EXPECT_EQ(ama->notifications, all_notifications);
    EXPECT_FALSE(ama->second_factor_since.has_value());
    EXPECT_EQ(find_user_by_email(tx, "kofi@example.com")->key, (UserKey{MerchantId{3}, UserId{30}}));
    EXPECT_EQ(find_merchant(tx, MerchantId{2})->telephone_verified_at, Timestamp{1'000});
    // The second can be let in by another address.
    EXPECT_TRUE(add_user(tx, {.merchant = MerchantId{2}, .email = "ama2@example.com", .role = Role::owner}));
    return {};
  }));
  EXPECT_TRUE(looked);
}

}  // namespace
}  // namespace epay::merchants
