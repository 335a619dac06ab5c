#include "merchants/second_factor.h"

#include <gtest/gtest.h>

#include <set>

#include "merchants/telephone_code.h"
#include "merchants/totp.h"
#include "simulation/memory_store.h"

namespace epay::merchants {
namespace {

class SecondFactorTest : public testing::Test {
 protected:
  template <class Body>
  auto write(Body body) {
    return store.write(std::move(body));
  }
  Timestamp now() const { return store.clock.now(); }
  Result<Secret> prepare(const std::string& secret) {
    return write([&](db::Transaction& tx) {
      return prepare_second_factor(tx, user, {Secret(secret), store.random.array<Vault::nonce_bytes>()}, store.vault);
    });
  }
  bool confirm(const std::string& code) {
    return *write(
        [&](db::Transaction& tx) -> Result<bool> { return confirm_second_factor(tx, user, code, store.vault, now()); });
  }
  FactorVerdict attempt(const std::string& code, const Vault* vault = nullptr) {
    return *write([&](db::Transaction& tx) -> Result<FactorVerdict> {
      return try_second_factor(tx, user, code, vault != nullptr ? *vault : store.vault, now());
    });
  }
  std::string code_now() const { return totp_code(secret, totp_step_at(now())); }
  void switch_on() {
    prepare(secret.reveal()).value();
    ASSERT_TRUE(confirm(code_now()));
    store.clock.run_for(totp_step);
  }

  simulation::MemoryStore store;
  const Secret secret{std::string(totp_secret_bytes, 't')};
  MerchantId merchant = store.merchant(0).merchant;
  UserKey user = {
      merchant,
      store.write([this](db::Transaction& tx) -> Result<UserId> { return list_users(tx, merchant).at(0).key.user; })
          .value()};
};

TEST_F(SecondFactorTest, CountsFromItsConfirmationOn) {
  EXPECT_EQ(prepare(secret.reveal())->reveal(), secret.reveal());
  EXPECT_EQ(prepare("another, of a reload")->reveal(), secret.reveal());
  EXPECT_EQ(attempt(code_now()), FactorVerdict::wrong) << "it is not in force yet";
  EXPECT_FALSE(confirm("000000"));
  EXPECT_TRUE(confirm(code_now()));
  EXPECT_FALSE(confirm(code_now()));
  EXPECT_EQ(prepare("another").error().code, ErrorCode::conflict);
  EXPECT_EQ(attempt(code_now()), FactorVerdict::wrong) << "the code of the confirmation is used";
  store.clock.run_for(totp_step);
  EXPECT_EQ(attempt(code_now()), FactorVerdict::app_code);
}

TEST_F(SecondFactorTest, ACodeIsGoodOnce) {
  switch_on();
  const std::string code = code_now();
  EXPECT_EQ(attempt(code), FactorVerdict::app_code);
  EXPECT_EQ(attempt(code), FactorVerdict::wrong);
}

TEST_F(SecondFactorTest, TheStoreHasItSealed) {
  switch_on();
  static constexpr db::Sql select{"SELECT totp_box FROM users WHERE totp_box IS NOT NULL"};
  const auto boxes = *write([&](db::Transaction& tx) -> Result<std::vector<std::string>> {
    return tx.query_all(select, [](const db::Row& row) { return row.string(0); });
  });
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_EQ(boxes[0].find(secret.reveal()), std::string::npos);
  const Vault another(Secret(std::string(Vault::key_bytes, 'x')));
  EXPECT_EQ(attempt(code_now(), &another), FactorVerdict::wrong);
}

TEST_F(SecondFactorTest, RecoveryCodesAreGoodOnceEach) {
  switch_on();
  const auto codes = make_recovery_codes(store.random);
  EXPECT_EQ(codes.size(), recovery_codes);
  EXPECT_EQ(std::set<std::string>(codes.begin(), codes.end()).size(), recovery_codes);
  for (const std::string& code : codes) EXPECT_EQ(code.size(), 19u) << code;
  write([&](db::Transaction& tx) -> Result<> {
    keep_recovery_codes(tx, user, codes);
    return {};
  }).value();
  std::string shouted = codes[1];
  std::ranges::transform(shouted, shouted.begin(), [](char c) { return char(std::toupper(c)); });
  std::erase(shouted, '-');
  EXPECT_EQ(attempt(codes[0]), FactorVerdict::recovery_code);
  EXPECT_EQ(attempt(codes[0]), FactorVerdict::wrong);
  EXPECT_EQ(attempt(" " + shouted), FactorVerdict::recovery_code);
  EXPECT_EQ(attempt(codes[1]), FactorVerdict::wrong);
  const auto left = [&] {
    return *write([&](db::Transaction& tx) -> Result<std::int64_t> { return count_recovery_codes(tx, user); });
  };
  EXPECT_EQ(left(), std::int64_t(recovery_codes) - 2);
  write([&](db::Transaction& tx) -> Result<> {
    keep_recovery_codes(tx, user, make_recovery_codes(store.random));
    return {};
  }).value();
  EXPECT_EQ(attempt(codes[2]), FactorVerdict::wrong) << "new codes replace the old ones";
  write([&](db::Transaction& tx) -> Result<> {
    remove_second_factor(tx, user);
    return {};
  }).value();
  EXPECT_EQ(left(), 0);
  EXPECT_EQ(attempt(code_now()), FactorVerdict::wrong);
}

class TelephoneCodeTest : public SecondFactorTest {
 protected:
  std::optional<microseconds> send(const std::string& code, const std::string& telephone = "0240000000") {
    return *write([&](db::Transaction& tx) -> Result<std::optional<microseconds>> {
      return keep_telephone_code(tx, merchant, {telephone, Secret(code), store.random.array<Vault::nonce_bytes>()},
                                 store.vault, now());
    });
  }
  CodeVerdict verify(const std::string& code) {
    return *write([&](db::Transaction& tx) -> Result<CodeVerdict> {
      return try_telephone_code(tx, merchant, code, store.vault, now());
    });
  }
  bool verified() {
    return *write([&](db::Transaction& tx) -> Result<bool> {
      return find_merchant(tx, merchant)->telephone_verified_at.has_value();
    });
  }
};

TEST_F(TelephoneCodeTest, VerifiesOnce) {
  EXPECT_EQ(verify("123456"), CodeVerdict::expired) << "none was sent";
  EXPECT_EQ(send("123456"), std::nullopt);
  EXPECT_EQ(verify("123457"), CodeVerdict::wrong);
  EXPECT_EQ(verify(""), CodeVerdict::wrong);
  EXPECT_FALSE(verified());
  EXPECT_EQ(verify("123456"), CodeVerdict::right);
  EXPECT_TRUE(verified());
  EXPECT_EQ(verify("123456"), CodeVerdict::expired);
}

TEST_F(TelephoneCodeTest, TriesAreLimited) {
  send("123456");
  for (int i = 1; i < telephone_code_tries_max; ++i) EXPECT_EQ(verify("000000"), CodeVerdict::wrong) << i;
  EXPECT_EQ(verify("000000"), CodeVerdict::too_many_tries);
  EXPECT_EQ(verify("123456"), CodeVerdict::too_many_tries);
  EXPECT_FALSE(verified());
  store.clock.run_for(telephone_code_every);
  EXPECT_EQ(send("654321"), std::nullopt);
  EXPECT_EQ(verify("123456"), CodeVerdict::wrong);
  EXPECT_EQ(verify("654321"), CodeVerdict::right);
}

TEST_F(TelephoneCodeTest, ExpiresAndIsNotSentTooOften) {
  send("123456");
  store.clock.run_for(seconds(10));
  EXPECT_EQ(send("654321"), microseconds(telephone_code_every - seconds(10)));
  store.clock.run_for(telephone_code_life - seconds(10));
  EXPECT_EQ(verify("123456"), CodeVerdict::expired);
}

TEST_F(TelephoneCodeTest, ANumberThatHasChangedMeanwhileIsNotVerified) {
  send("123456", "0240000009");
  EXPECT_EQ(verify("123456"), CodeVerdict::right);
  EXPECT_FALSE(verified()) << "the merchant's number is another one";
}

}  // namespace
}  // namespace epay::merchants
