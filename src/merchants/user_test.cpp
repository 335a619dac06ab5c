#include "merchants/user.h"

#include <gtest/gtest.h>

#include "merchants/access_token.h"
#include "merchants/account_link.h"
#include "merchants/session.h"
#include "simulation/memory_store.h"

namespace epay::merchants {
namespace {

class UserTest : public testing::Test {
 protected:
  template <class Body>
  auto write(Body body) {
    return store.write(std::move(body));
  }
  Result<UserId> add(const std::string& email, Role role = Role::viewer) {
    return write([&](db::Transaction& tx) {
      return add_user(tx, {.merchant = merchant, .name = "Somebody", .email = email, .role = role, .now = now()});
    });
  }
  Timestamp now() const { return store.clock.now(); }
  std::optional<User> find(UserId id) {
    return *write([&](db::Transaction& tx) -> Result<std::optional<User>> { return find_user(tx, {merchant, id}); });
  }
  std::optional<User> find(const std::string& email) {
    return *write([&](db::Transaction& tx) -> Result<std::optional<User>> { return find_user_by_email(tx, email); });
  }
  UserId owner() {
    return write([&](db::Transaction& tx) -> Result<UserId> { return list_users(tx, merchant).at(0).key.user; })
        .value();
  }

  simulation::MemoryStore store;
  MerchantId merchant = store.merchant(0).merchant;
};

TEST_F(UserTest, AnAddressSignsInAsOneUserOfAllMerchants) {
  const MerchantId other = store.merchant(0).merchant;
  ASSERT_TRUE(add("Ama@Example.com").has_value());
  EXPECT_EQ(add("ama@example.COM").error().code, ErrorCode::conflict);
  const auto elsewhere = write([&](db::Transaction& tx) {
    return add_user(tx, {.merchant = other, .name = "Ama", .email = "AMA@example.com", .now = now()});
  });
  EXPECT_EQ(elsewhere.error().code, ErrorCode::conflict);
  const auto found = find("aMa@eXample.com");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->email, "Ama@Example.com");
  EXPECT_EQ(found->key.merchant, merchant);
  EXPECT_FALSE(find("").has_value());
  EXPECT_FALSE(find("nobody@example.com").has_value());
}

TEST_F(UserTest, AMerchantIsRefusedWhoseOwnersAddressIsTaken) {
  ASSERT_TRUE(add("ama@example.com").has_value());
  const auto made = write([&](db::Transaction& tx) {
    return create_merchant(tx, {"Another", "AMA@example.com", "0240000000", "key", {}, now()});
  });
  EXPECT_EQ(made.error().code, ErrorCode::conflict);
  const auto all = write([](db::Transaction& tx) -> Result<std::size_t> { return list_merchants(tx).size(); });
  EXPECT_EQ(all, 1u) << "the refused one left something behind";
}

TEST_F(UserTest, TheLastOwnerStays) {
  const UserId first = owner();
  const auto demote = [&](UserId id) {
    return write([&](db::Transaction& tx) { return set_role(tx, {merchant, id}, Role::finance); });
  };
  const auto remove = [&](UserId id) {
    return write([&](db::Transaction& tx) { return remove_user(tx, {merchant, id}); });
  };
  EXPECT_EQ(demote(first).error().code, ErrorCode::conflict);
  EXPECT_EQ(remove(first).error().code, ErrorCode::conflict);
  const UserId second = *add("second@example.com", Role::owner);
  EXPECT_TRUE(demote(first).has_value());
  EXPECT_EQ(find(first)->role, Role::finance);
  EXPECT_EQ(remove(second).error().code, ErrorCode::conflict);
  EXPECT_TRUE(remove(first).has_value());
  EXPECT_FALSE(find(first).has_value());
}

TEST_F(UserTest, NobodyTouchesAnotherMerchantsUser) {
  const MerchantId other = store.merchant(0).merchant;
  const UserId ours = *add("ours@example.com", Role::viewer);
  const auto role = write([&](db::Transaction& tx) { return set_role(tx, {other, ours}, Role::owner); });
  EXPECT_EQ(role.error().code, ErrorCode::not_found);
  const auto removed = write([&](db::Transaction& tx) { return remove_user(tx, {other, ours}); });
  EXPECT_EQ(removed.error().code, ErrorCode::not_found);
  EXPECT_EQ(find(ours)->role, Role::viewer);
}

TEST_F(UserTest, WhoIsRemovedIsOutAtOnceAndHisAddressIsFree) {
  const UserKey key{merchant, *add("gone@example.com")};
  const std::string session = make_access_token(merchant, "session"), reset = make_access_token(merchant, "reset");
  ASSERT_TRUE(write([&](db::Transaction& tx) -> Result<> {
    begin_session(tx, {.user = key, .token = session}, now());
    keep_reset(tx, key, reset, now());
    return remove_user(tx, key);
  }));
  ASSERT_TRUE(write([&](db::Transaction& tx) -> Result<> {
    EXPECT_FALSE(find_session(tx, session, now()).has_value());
    EXPECT_FALSE(find_reset(tx, reset, now()).has_value());
    return {};
  }));
  EXPECT_TRUE(add("gone@example.com").has_value());
}

TEST_F(UserTest, LettersGoToThoseWhoMayAndWant) {
  const UserKey developer{merchant, *add("developer@example.com", Role::developer)};
  add("viewer@example.com", Role::viewer).value();
  const auto addresses = [&] {
    return *write([&](db::Transaction& tx) -> Result<std::vector<std::string>> {
      std::vector<std::string> all;
      for (const User& user : who_wants(tx, merchant, Notification::webhook_trouble, Permission::manage_webhooks))
        all.push_back(user.email);
      return all;
    });
  };
  EXPECT_EQ(addresses(), (std::vector<std::string>{"shop1@example.com", "developer@example.com"}));
  write([&](db::Transaction& tx) -> Result<> {
    set_notifications(tx, developer, all_notifications & ~bit_of(Notification::webhook_trouble));
    return {};
  }).value();
  EXPECT_EQ(addresses(), (std::vector<std::string>{"shop1@example.com"}));
}

TEST_F(UserTest, ATelephoneThatChangesIsToBeVerifiedAgain) {
  const auto merchant_now = [&] { return *write([&](db::Transaction& tx) { return find_merchant(tx, merchant); }); };
  const auto change = [&](const std::string& name, const std::string& telephone) {
    write([&](db::Transaction& tx) -> Result<> {
      set_profile(tx, merchant, {name, "shop@example.com", telephone});
      return {};
    }).value();
  };
  EXPECT_FALSE(merchant_now().telephone_verified_at.has_value());
  write([&](db::Transaction& tx) -> Result<> {
    set_telephone_verified(tx, merchant, "0240000001", now());  // not his
    return {};
  }).value();
  EXPECT_FALSE(merchant_now().telephone_verified_at.has_value());
  write([&](db::Transaction& tx) -> Result<> {
    set_telephone_verified(tx, merchant, "0240000000", now());
    return {};
  }).value();
  change("Another name", "0240000000");
  EXPECT_TRUE(merchant_now().telephone_verified_at.has_value());
  EXPECT_EQ(merchant_now().name, "Another name");
  change("Another name", "0240000002");
  EXPECT_FALSE(merchant_now().telephone_verified_at.has_value());
}

}  // namespace
}  // namespace epay::merchants
