#include "merchants/totp.h"

#include <gtest/gtest.h>

namespace epay::merchants {
namespace {

const Secret rfc_secret{"12345678901234567890"};

Timestamp at(std::int64_t unix_seconds) { return {unix_seconds * 1'000'000}; }

// RFC 6238, appendix B (SHA-1).
TEST(Totp, GivesTheCodesOfTheSpecification) {
  struct Row {
    std::int64_t time;
    const char* code;
  };
  for (const auto& [time, code] :
       {Row{59, "94287082"}, Row{1'111'111'109, "07081804"}, Row{1'111'111'111, "14050471"},
        Row{1'234'567'890, "89005924"}, Row{2'000'000'000, "69279037"}, Row{20'000'000'000, "65353130"}}) {
    EXPECT_EQ(totp_code(rfc_secret, totp_step_at(at(time)), 8), code) << time;
    EXPECT_EQ(totp_code(rfc_secret, totp_step_at(at(time))), std::string(code).substr(2)) << time;
  }
}

// RFC 4226, appendix D.
TEST(Totp, GivesTheCodesOfTheSpecificationBeneath) {
  const char* codes[] = {"755224", "287082", "359152", "969429", "338314",
                         "254676", "287922", "162583", "399871", "520489"};
  for (std::size_t i = 0; i < std::size(codes); ++i) EXPECT_EQ(totp_code(rfc_secret, std::int64_t(i)), codes[i]);
}

TEST(Totp, ATelephonesClockMayBeAStepOff) {
  const Timestamp now = at(1'234'567'890);
  const std::int64_t step = totp_step_at(now);
  struct Row {
    std::int64_t off;
    bool matches;
  };
  for (const auto& [off, matches] : {Row{-2, false}, Row{-1, true}, Row{0, true}, Row{1, true}, Row{2, false}}) {
    const auto found = matching_totp_step(rfc_secret, totp_code(rfc_secret, step + off), 0, now);
    EXPECT_EQ(found, matches ? std::optional(step + off) : std::nullopt) << off;
  }
}

TEST(Totp, ACodeThatWasUsedMatchesNoMore) {
  const Timestamp now = at(1'234'567'890);
  const std::int64_t step = totp_step_at(now);
  const std::string code = totp_code(rfc_secret, step);
  EXPECT_EQ(matching_totp_step(rfc_secret, code, step - 1, now), step);
  EXPECT_EQ(matching_totp_step(rfc_secret, code, step, now), std::nullopt);
  // Nor an earlier one, which somebody may have seen.
  EXPECT_EQ(matching_totp_step(rfc_secret, totp_code(rfc_secret, step - 1), step, now), std::nullopt);
}

TEST(Totp, BlanksArePassedOver) {
  const Timestamp now = at(59);
  EXPECT_EQ(matching_totp_step(rfc_secret, " 287 082 ", 0, now), 1);
  for (const char* wrong : {"", "28708", "2870820", "287-082", "000000"})
    EXPECT_EQ(matching_totp_step(rfc_secret, wrong, 0, now), std::nullopt) << wrong;
}

TEST(Totp, AppsReadItsUri) {
  EXPECT_EQ(totp_uri(rfc_secret, "ama+shop@example.com"),
            "otpauth://totp/Epay:ama%2Bshop%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Epay");
  EXPECT_EQ(shown_totp_secret(rfc_secret), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
}

}  // namespace
}  // namespace epay::merchants
