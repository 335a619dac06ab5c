#include "base/phone_number.h"

#include <gtest/gtest.h>

namespace epay {
namespace {

TEST(PhoneNumber, TakesEveryUsualSpelling) {
  for (const char* text : {"0240000450", "024 000 0450", "233240000450", "+233240000450", "+233 24 000-0450",
                           "00233240000450", "(024) 0000450"}) {
    const auto number = PhoneNumber::parse(text);
    ASSERT_TRUE(number) << text;
    EXPECT_EQ(number->national(), "0240000450");
    EXPECT_EQ(number->international(), "233240000450");
    EXPECT_EQ(number->masked(), "024****450");
  }
}

TEST(PhoneNumber, RefusesWhatIsNoGhanaianMobileNumber) {
  for (const char* text : {"", "0", "024000045", "02400004500", "0340000450", "+44240000450", "024000045x", "240000450",
                           "+2330240000450", "++233240000450",
                           "\xD9\xA0"
                           "240000450"}) {
    EXPECT_FALSE(PhoneNumber::parse(text)) << text;
  }
}

TEST(MaskNumber, HidesAllOfAShortOne) {
  EXPECT_EQ(mask_number("12345"), "*****");
  EXPECT_EQ(mask_number("0240000450"), "024****450");
}

}  // namespace
}  // namespace epay
