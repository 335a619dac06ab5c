#include "merchants/account_link.h"

#include <gtest/gtest.h>

#include "merchants/access_token.h"
#include "merchants/registration.h"
#include "simulation/memory_store.h"

namespace epay::merchants {
namespace {

class AccountLinkTest : public testing::Test {
 protected:
  template <class Body>
  auto write(Body body) {
    return store.write(std::move(body));
  }
  Timestamp now() const { return store.clock.now(); }
  std::string token(const std::string& chance) const { return make_access_token(merchant, chance); }
  Result<> invite(const std::string& email, const std::string& chance, Role role = Role::viewer) {
    return write([&](db::Transaction& tx) {
      return keep_invitation(tx, {.merchant = merchant, .email = email, .role = role}, token(chance), now());
    });
  }
  std::optional<Invitation> invitation(const std::string& of) {
    return *write(
        [&](db::Transaction& tx) -> Result<std::optional<Invitation>> { return find_invitation(tx, of, now()); });
  }
  std::optional<UserKey> reset(const std::string& of) {
    return *write([&](db::Transaction& tx) -> Result<std::optional<UserKey>> { return find_reset(tx, of, now()); });
  }

  simulation::MemoryStore store;
  MerchantId merchant = store.merchant(0).merchant;
  UserKey user{merchant, UserId{1}};
};

TEST_F(AccountLinkTest, AResetIsGoodForAnHourAndUntilTheNext) {
  const auto keep = [&](const std::string& chance) {
    write([&](db::Transaction& tx) -> Result<> {
      keep_reset(tx, user, token(chance), now());
      return {};
    }).value();
  };
  keep("first");
  EXPECT_EQ(reset(token("first")), user);
  EXPECT_EQ(reset(token("other")), std::nullopt);
  EXPECT_EQ(reset(make_access_token(MerchantId{merchant.value + 1}, "first")), std::nullopt);
  keep("second");
  EXPECT_EQ(reset(token("first")), std::nullopt);
  store.clock.run_for(reset_life - seconds(1));
  EXPECT_EQ(reset(token("second")), user);
  store.clock.run_for(seconds(1));
  EXPECT_EQ(reset(token("second")), std::nullopt);
  keep("third");
  write([&](db::Transaction& tx) -> Result<> {
    forget_resets(tx, user);
    return {};
  }).value();
  EXPECT_EQ(reset(token("third")), std::nullopt);
}

TEST_F(AccountLinkTest, ALinkIsGoodForItsOwnPurposeAlone) {
  invite("ama@example.com", "invitation").value();
  write([&](db::Transaction& tx) -> Result<> {
    keep_reset(tx, user, token("reset"), now());
    return {};
  }).value();
  EXPECT_EQ(reset(token("invitation")), std::nullopt);
  EXPECT_FALSE(invitation(token("reset")).has_value());
}

TEST_F(AccountLinkTest, AnInvitationIsReplacedWithdrawnAndExpires) {
  invite("Ama@example.com", "first", Role::finance).value();
  EXPECT_EQ(invitation(token("first"))->role, Role::finance);
  invite("ama@EXAMPLE.com", "second", Role::viewer).value();
  EXPECT_FALSE(invitation(token("first")).has_value());
  write([&](db::Transaction& tx) -> Result<> {
    EXPECT_EQ(list_invitations(tx, merchant, now()).size(), 1u);
    EXPECT_FALSE(forget_invitation(tx, MerchantId{merchant.value + 1}, sha256(token("second"))));
    EXPECT_TRUE(forget_invitation(tx, merchant, sha256(token("second"))));
    EXPECT_FALSE(forget_invitation(tx, merchant, sha256(token("second"))));
    return {};
  }).value();
  EXPECT_FALSE(invitation(token("second")).has_value());
  invite("ama@example.com", "third").value();
  store.clock.run_for(invitation_life);
  EXPECT_FALSE(invitation(token("third")).has_value());
}

TEST_F(AccountLinkTest, InvitationsHaveALimit) {
  for (std::size_t i = 0; i < invitations_max; ++i)
    ASSERT_TRUE(invite(std::to_string(i) + "@example.com", std::to_string(i)).has_value());
  EXPECT_EQ(invite("more@example.com", "more").error().code, ErrorCode::conflict);
  EXPECT_TRUE(invite("0@example.com", "again").has_value()) << "one in place of another is none more";
}

class RegistrationTest : public AccountLinkTest {
 protected:
  void keep(const std::string& email, const std::string& of) {
    write([&](db::Transaction& tx) -> Result<> {
      keep_registration(tx, {"Creativo", email, "0240000000", "hash of " + of, "fr"}, of, now());
      return {};
    }).value();
  }
  Result<UserKey> complete(const std::string& of) {
    return write([&](db::Transaction& tx) { return complete_registration(tx, of, "key of " + of, now()); });
  }
};

TEST_F(RegistrationTest, BecomesAMerchantWhenTheLinkIsOpened) {
  keep("ama@example.com", "link");
  EXPECT_FALSE(*write(
      [&](db::Transaction& tx) -> Result<bool> { return find_user_by_email(tx, "ama@example.com").has_value(); }));
  const auto key = complete("link");
  ASSERT_TRUE(key.has_value());
  write([&](db::Transaction& tx) -> Result<> {
    const auto owner = find_user(tx, *key);
    EXPECT_EQ(owner->role, Role::owner);
    EXPECT_EQ(owner->language, "fr");
    EXPECT_EQ(owner->password_hash, "hash of link");
    const auto opened = find_merchant(tx, key->merchant);
    EXPECT_EQ(opened->merchant_key, "key of link");
    EXPECT_FALSE(opened->telephone_verified_at.has_value());
    return {};
  }).value();
  EXPECT_EQ(complete("link").error().code, ErrorCode::not_found) << "a link is good once";
}

// Whoever registers an address first does not keep its owner out, nor choose his password.
TEST_F(RegistrationTest, EachLinkHasItsOwnPasswordAndTheFirstThatIsOpenedCounts) {
  keep("ama@example.com", "strangers");
  keep("ama@example.com", "owners");
  const auto key = complete("owners");
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(*write([&](db::Transaction& tx) -> Result<std::string> { return *find_user(tx, *key)->password_hash; }),
            "hash of owners");
  EXPECT_EQ(complete("strangers").error().code, ErrorCode::conflict);
}

TEST_F(RegistrationTest, ExpiresAndIsDeleted) {
  keep("ama@example.com", "link");
  store.clock.run_for(registration_life);
  EXPECT_EQ(complete("link").error().code, ErrorCode::not_found);
  keep("kofi@example.com", "another");
  static constexpr db::Sql count{"SELECT count(*) FROM registrations"};
  EXPECT_EQ(*write([](db::Transaction& tx) -> Result<std::int64_t> {
    return *tx.query_one(count, [](const db::Row& row) { return row.integer(0); });
  }),
            1);
}

TEST(RegistrationForm, EveryFaultOfEveryFieldIsFound) {
  struct Row {
    RegistrationForm form;
    std::string faults;  // "field code, …"
  };
  const std::string good = "correct horse battery";
  const Row rows[] = {
      {{"Creativo", "ama@example.com", "0240000000", good}, ""},
      {{"Ɔdɔ & Søn <b>", "ama+shop@example.com", "+233 24 000 0000", good}, ""},
      {{"", "", "", ""}, "name required, email required, telephone required, password required, "},
      {{"   ", "ama", "12345", "short"}, "name required, email email, telephone telephone, password password_short, "},
      {{std::string(201, 'x'), "a@b@c", "0340000000", good}, "name too_long, email email, telephone telephone, "},
      {{"line\nbreak", "ama@example.com", "0240000000", good}, "name invalid, "},
      {{"bad \xFF", "ama@example.com", "0240000000", good}, "name invalid, "},
      {{"Creativo", "ama@example.com", "0240000000", "creativo2024"}, "password password_personal, "},
  };
  for (const Row& row : rows) {
    std::string faults;
    for (const FieldError& fault : check_registration(row.form)) faults += fault.field + " " + fault.code + ", ";
    EXPECT_EQ(faults, row.faults) << row.form.name;
  }
}

}  // namespace
}  // namespace epay::merchants
