#include "base/log.h"

#include <gtest/gtest.h>

namespace epay {
namespace {

TEST(Log, WritesOneJsonObjectALine) {
  std::vector<std::string> lines;
  Log log(
      LogLevel::info, [] { return Timestamp{1'548'420'809'000'001}; },
      [&](LogLevel, std::string_view line) { lines.emplace_back(line); });
  log.info("charge", {{"merchant", MerchantId{7}}, {"text", "line\nbreak \"quoted\""}, {"ok", true}, {"count", 3}});
  log.debug("unseen");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0], R"({"time":"2019-01-25T12:53:29.000001Z","level":"info","event":"charge","merchant":7,)"
                      R"("text":"line\nbreak \"quoted\"","ok":true,"count":3})");
}

}  // namespace
}  // namespace epay
