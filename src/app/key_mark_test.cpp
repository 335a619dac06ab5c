#include "app/key_mark.h"

#include <gtest/gtest.h>

#include "events/endpoint.h"
#include "merchants/second_factor.h"
#include "merchants/telephone_code.h"
#include "simulation/memory_store.h"

namespace epay::app {
namespace {

const Vault other_vault{Secret(std::string(Vault::key_bytes, 'o'))};

class KeyMark : public testing::Test {
 protected:
  Result<> check(const Vault& vault) {
    return run_task(store.clock, check_key(*store.database, vault, store.random, "epay.key"));
  }
  KeyFit fit(const Vault& vault) {
    return *store.write([&](db::Transaction& tx) -> Result<KeyFit> { return fit_of(tx, vault); });
  }
  std::string box(const std::string& context) {
    return store.vault.seal(Secret("a secret"), context, store.random.array<Vault::nonce_bytes>());
  }
  template <class... Args>
  void execute(const db::Sql& sql, const Args&... args) {
    ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
      tx.execute(sql, args...);
      return {};
    })) << store.lines.back();
  }

  simulation::MemoryStore store;
};

TEST_F(KeyMark, TheFirstKeyMarksAStore) {
  EXPECT_FALSE(fit(store.vault).marked);
  ASSERT_TRUE(check(store.vault));
  EXPECT_TRUE(fit(store.vault).marked);
  EXPECT_EQ(fit(store.vault).opens, true);
  EXPECT_EQ(fit(other_vault).opens, false);
  EXPECT_TRUE(check(store.vault));
}

TEST_F(KeyMark, AnotherKeyIsRefusedAndHearsWhichFileToCopy) {
  ASSERT_TRUE(check(store.vault));
  const auto refused = check(other_vault);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(refused.error().message.contains("the master key in epay.key is not the one"));
  EXPECT_TRUE(refused.error().message.contains(place_of("epay.key") + ": copy that file to epay.key"));
  EXPECT_TRUE(check(store.vault)) << "and changes nothing";
}

// Of a store from before there were marks, whichever kind of secret it has.
TEST_F(KeyMark, AStoreWithoutAMarkIsMarkedByTheKeyThatOpensItsSecrets) {
  static constexpr db::Sql delete_mark{"DELETE FROM master_keys"};
  static constexpr db::Sql delete_secrets{"DELETE FROM endpoint_secrets"};
  static constexpr db::Sql set_extras{"UPDATE endpoints SET request_box = $1"};
  static constexpr db::Sql set_totp{"UPDATE users SET totp_box = $1"};  // of the only one
  static constexpr db::Sql insert_code{
      "INSERT INTO telephone_codes (merchant_id, telephone, code_box, sent_at, expires_at, tries) VALUES ($1, "
      "'0241234567', $2, 0, 0, 0)"};
  const MerchantId merchant = store.merchant().merchant;
  const events::LaneKey lane{merchant, EndpointId{1}};
  const auto expect_told = [&](const char* kind) {
    const auto refused = check(other_vault);
    ASSERT_FALSE(refused) << kind;
    EXPECT_TRUE(refused.error().message.contains("whoever served it before")) << kind;
    EXPECT_FALSE(fit(store.vault).marked) << kind;
    ASSERT_TRUE(check(store.vault)) << kind;
    EXPECT_TRUE(fit(store.vault).marked) << kind;
    execute(delete_mark);
  };
  expect_told("a signing secret");
  execute(delete_secrets);
  execute(set_extras, db::Bytes{box(events::extras_context(lane))});
  expect_told("headers");
  execute(set_extras, nullptr);
  execute(set_totp, db::Bytes{box(merchants::totp_context({merchant, UserId{1}}))});
  expect_told("an authenticator app");
  execute(set_totp, nullptr);
  execute(insert_code, merchant, db::Bytes{box(merchants::telephone_code_context(merchant, "0241234567"))});
  expect_told("a telephone's code");
}

TEST_F(KeyMark, AnotherKeyTakesItsPlaceWhenItIsToldTo) {
  ASSERT_TRUE(check(store.vault));
  ASSERT_TRUE(store.write([&](db::Transaction& tx) -> Result<> {
    mark_key(tx, other_vault, store.random, "vm2:/epay.key");
    return {};
  }));
  EXPECT_TRUE(check(other_vault));
  EXPECT_FALSE(check(store.vault));
  EXPECT_EQ(fit(store.vault).kept_at, "vm2:/epay.key");
}

}  // namespace
}  // namespace epay::app
