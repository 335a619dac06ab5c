#include "payments/recipient.h"

#include <gtest/gtest.h>

#include "simulation/memory_store.h"

namespace epay::payments {
namespace {

using simulation::MemoryStore;

class Recipients : public testing::Test {
 protected:
  Result<Recipient> keep(const NewRecipient& wanted) {
    return store.write([&](db::Transaction& tx) { return keep_recipient(tx, wanted); });
  }
  NewRecipient wanted(std::string number, std::string name = "Akosua") {
    return {.scope = scope,
            .name = std::move(name),
            .account = {Method::bank, std::move(number), "gcb"},
            .now = store.clock.now()};
  }
  Page<Recipient> page(std::int64_t number) {
    return *store.write(
        [&](db::Transaction& tx) -> Result<Page<Recipient>> { return list_recipients(tx, scope, number); });
  }

  MemoryStore store;
  Scope scope = store.merchant();
};

TEST_F(Recipients, TheSameAccountIsTheSameRecipient) {
  const auto first = keep(wanted("0011"));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->check, HolderCheck::not_asked);
  NewRecipient again = wanted("0011", "Auntie");
  again.holder_name = "Akosua Boateng";
  again.check = HolderCheck::told;
  const auto second = keep(again);
  EXPECT_EQ(second->id, first->id);
  EXPECT_EQ(second->holder_name, "Akosua Boateng");
  const auto found = store.write([&](db::Transaction& tx) { return find_recipient(tx, scope, first->id); });
  EXPECT_EQ(found->name, "Auntie");
  EXPECT_EQ(found->check, HolderCheck::told);
  NewRecipient wallet = wanted("0011");
  wallet.account.method = Method::momo;
  EXPECT_NE(keep(wallet)->id, first->id);
  EXPECT_EQ(page(1).total, 2);
}

TEST_F(Recipients, AreListedByPagesTheNewestFirst) {
  for (int i = 0; i < 25; ++i) ASSERT_TRUE(keep(wanted("00" + std::to_string(100 + i), "N" + std::to_string(i))));
  EXPECT_EQ(page(1).total, 25);
  EXPECT_EQ(page(1).rows.size(), 20u);
  EXPECT_EQ(page(1).rows.front().name, "N24");
  EXPECT_EQ(page(2).rows.back().name, "N0");
  const auto latest = *store.write(
      [&](db::Transaction& tx) -> Result<std::vector<Recipient>> { return latest_recipients(tx, scope, 3); });
  ASSERT_EQ(latest.size(), 3u);
  EXPECT_EQ(latest.front().name, "N22");
}

TEST_F(Recipients, AreGoneWhenDeletedAndNobodyElses) {
  const auto kept = keep(wanted("0011"));
  const Scope other = store.merchant(), live{scope.merchant, Mode::live};
  for (const Scope& where : {other, live}) {
    EXPECT_EQ(store.write([&](db::Transaction& tx) { return find_recipient(tx, where, kept->id); }).error().code,
              ErrorCode::not_found);
    EXPECT_EQ(store.write([&](db::Transaction& tx) { return delete_recipient(tx, where, kept->id); }).error().code,
              ErrorCode::not_found);
  }
  EXPECT_TRUE(store.write([&](db::Transaction& tx) { return delete_recipient(tx, scope, kept->id); }));
  EXPECT_EQ(page(1).total, 0);
  EXPECT_EQ(store.write([&](db::Transaction& tx) { return find_recipient(tx, scope, kept->id); }).error().code,
            ErrorCode::not_found);
}

TEST_F(Recipients, ThereIsAnEndToThem) {
  static constexpr db::Sql fill{"UPDATE totals SET recipients = 10000"};
  ASSERT_TRUE(keep(wanted("0011")));
  store.write([](db::Transaction& tx) -> Result<> {
    tx.execute(fill);
    return {};
  });
  EXPECT_EQ(keep(wanted("0022")).error().code, ErrorCode::conflict);
  EXPECT_TRUE(keep(wanted("0011")));
}

TEST(AccountNumber, IsDigitsAndCapitalLetters) {
  for (const auto* good : {"0011", "1234567890", "GH12ABC", "0123456789012345678901234567890123456789"})
    EXPECT_TRUE(is_account_number(good)) << good;
  for (const auto* bad : {"", "001", "00 11", "gh12abc", "00-11", "01234567890123456789012345678901234567890"})
    EXPECT_FALSE(is_account_number(bad)) << bad;
}

}  // namespace
}  // namespace epay::payments
