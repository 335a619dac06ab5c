#include "base/crypto.h"

#include <gtest/gtest.h>

namespace epay {
namespace {

TEST(Sha256, AgreesWithThePublishedVectors) {
  EXPECT_EQ(hex_encode(to_bytes(sha256("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231, test case 2.
  EXPECT_EQ(hex_encode(to_bytes(hmac_sha256("Jefe", "what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Base64, GoesBothWays) {
  for (const char* text : {"", "f", "fo", "foo", "foob"}) EXPECT_EQ(base64_decode(base64_encode(text)), text);
  EXPECT_EQ(base64_encode("foob"), "Zm9vYg==");
  for (const char* text : {"Zm9vYg", "Zm9v=", "Zm9v!", "Zm 9v"}) EXPECT_FALSE(base64_decode(text)) << text;
}

class VaultTest : public testing::Test {
 protected:
  const Vault vault{Secret(std::string(Vault::key_bytes, 'k'))};
  const std::array<unsigned char, Vault::nonce_bytes> nonce{1, 2, 3};
};

TEST_F(VaultTest, OpensWhatItSealed) {
  const std::string box = vault.seal(Secret("whsec"), "endpoint:1", nonce);
  EXPECT_EQ(box.find("whsec"), std::string::npos);
  EXPECT_EQ(vault.open(box, "endpoint:1")->reveal(), "whsec");
}

TEST_F(VaultTest, RefusesWhatWasAlteredMovedOrSealedUnderAnotherKey) {
  const std::string box = vault.seal(Secret("whsec"), "endpoint:1", nonce);
  EXPECT_FALSE(vault.open(box, "endpoint:2"));
  EXPECT_FALSE(Vault(Secret(std::string(Vault::key_bytes, 'x'))).open(box, "endpoint:1"));
  EXPECT_FALSE(vault.open("", "endpoint:1"));
  for (std::size_t i = 0; i < box.size(); ++i) {
    std::string altered = box;
    altered[i] = char(altered[i] ^ 1);
    EXPECT_FALSE(vault.open(altered, "endpoint:1")) << i;
  }
}

TEST(Password, MatchesOnlyItself) {
  const std::string hash = password_hash(Secret("correct horse"));
  EXPECT_TRUE(password_matches(Secret("correct horse"), hash));
  EXPECT_FALSE(password_matches(Secret("Correct horse"), hash));
  EXPECT_FALSE(password_matches(Secret("correct horse"), "not a hash"));
}

TEST(SecretTest, ComparesWholeValues) {
  const Secret secret("abc");
  EXPECT_TRUE(secret.equals("abc"));
  for (const char* other : {"", "ab", "abd", "abcd"}) EXPECT_FALSE(secret.equals(other)) << other;
}

}  // namespace
}  // namespace epay
