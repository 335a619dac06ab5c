#include "app/screen.h"

#include <gtest/gtest.h>

namespace epay::app {
namespace {

TEST(Screen, PadsWhatIsShort) {
  EXPECT_EQ(padded("ping", 6), "ping  ");
  EXPECT_EQ(padded("payment.success", 6), "payment.success");
}

TEST(Screen, ShowsNothingThatATerminalWouldObey) {
  EXPECT_EQ(printable("order-1001 Adzo ɛ 🎟"), "order-1001 Adzo ɛ 🎟");
  EXPECT_EQ(printable("a\x1b[2Jb\r\n\tc\x7f"), "a?[2Jb???c?");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "?31m");
  EXPECT_EQ(printable("\xC2\xA0"), "\xC2\xA0");
  EXPECT_EQ(printable("a\xff\xC3"), "a??");
}

}  // namespace
}  // namespace epay::app
