#include "base/crypto.h"

#include <gtest/gtest.h>

namespace epay {
namespace {

TEST(Sha256, AgreesWithThePublishedVectors) {
  EXPECT_EQ(hex_encode(to_bytes(sha256("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231, test case 2.
  EXPECT_EQ(hex_encode(to_bytes(hmac_sha256("Jefe", "what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const auto mac = hmac_sha512("Jefe", "what do ya want for nothing?");
  EXPECT_EQ(
      hex_encode({reinterpret_cast<const char*>(mac.data()), mac.size()}),
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b"
      "636e070a38bce737");
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
  const std::string salt(password_salt_bytes, 's');
  const std::string hash = password_hash(Secret("correct horse"), salt);
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=65536,t=2,p=1$")) << hash;
  EXPECT_TRUE(password_matches(Secret("correct horse"), hash));
  EXPECT_FALSE(password_matches(Secret("Correct horse"), hash));
  EXPECT_FALSE(password_matches(Secret("correct horse"), "not a hash"));
  constexpr PasswordCost cheap{.passes = 1, .memory_bytes = 8 * 1024};
  EXPECT_NE(password_hash(Secret("correct horse"), std::string(password_salt_bytes, 't'), cheap),
            password_hash(Secret("correct horse"), salt, cheap));
}

// RFC 4648, section 10.
TEST(Base32, EncodesWithoutPadding) {
  EXPECT_EQ(base32_encode(""), "");
  EXPECT_EQ(base32_encode("f"), "MY");
  EXPECT_EQ(base32_encode("fo"), "MZXQ");
  EXPECT_EQ(base32_encode("foo"), "MZXW6");
  EXPECT_EQ(base32_encode("foob"), "MZXW6YQ");
  EXPECT_EQ(base32_encode("fooba"), "MZXW6YTB");
  EXPECT_EQ(base32_encode("foobar"), "MZXW6YTBOI");
}

TEST(Base64Url, IsFitForAddresses) {
  EXPECT_EQ(base64url_encode("\xFB\xFF\xFE"), "-__-");
  EXPECT_EQ(base64url_encode("a"), "YQ");
  EXPECT_EQ(base64url_decode("-__-"), "\xFB\xFF\xFE");
  EXPECT_EQ(base64url_decode("YQ"), "a");
  EXPECT_EQ(base64url_decode("Y"), std::nullopt);
  EXPECT_EQ(base64url_decode("+/=="), std::nullopt);
}

TEST(SecretTest, ComparesWholeValues) {
  const Secret secret("abc");
  EXPECT_TRUE(secret.equals("abc"));
  for (const char* other : {"", "ab", "abd", "abcd"}) EXPECT_FALSE(secret.equals(other)) << other;
}

}  // namespace
}  // namespace epay
