#include "images/qr.h"

#include <gtest/gtest.h>

namespace epay::images {
namespace {

const std::string link = "https://pay.example.com/pay/harvest-dinner";

TEST(Qr, IsOneCompactAccessibleDrawing) {
  const std::string svg = qr_svg(link, "Pay <Ama> & \"Kofi\"");
  EXPECT_TRUE(
      svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 37 37\" "
                      "shape-rendering=\"crispEdges\" role=\"img\">"))
      << svg;
  EXPECT_TRUE(svg.contains("<title>Pay &lt;Ama&gt; &amp; &quot;Kofi&quot;</title>")) << svg;
  EXPECT_TRUE(svg.ends_with("</svg>"));
  // The first finder pattern begins behind the quiet zone, with seven dark modules.
  EXPECT_TRUE(svg.contains("d=\"M4 4.5h7m")) << svg;
  EXPECT_LT(svg.size(), 3'000u);
  EXPECT_EQ(svg, qr_svg(link, "Pay <Ama> & \"Kofi\""));
}

TEST(Qr, IsAPictureToo) {
  const std::string png = qr_png(link);
  ASSERT_TRUE(png.starts_with("\x89PNG\r\n\x1A\n"));
  const auto side = [&](std::size_t at) {
    return static_cast<unsigned char>(png[at + 2]) * 256 + static_cast<unsigned char>(png[at + 3]);
  };
  EXPECT_EQ(side(16), 37 * 28);
  EXPECT_EQ(side(20), 37 * 28);
  EXPECT_LT(png.size(), 12'000u);
}

TEST(Qr, GrowsWithItsText) {
  EXPECT_TRUE(qr_svg("A", "").contains("viewBox=\"0 0 29 29\""));
  EXPECT_GT(qr_svg(std::string(qr_text_max, '\xFF'), "").size(), 10'000u);
  EXPECT_NE(qr_svg("A", ""), qr_svg("B", ""));
}

TEST(QrDeathTest, TextsHaveALimit) {
  EXPECT_DEATH((void)qr_svg("", ""), "text.empty");
  EXPECT_DEATH((void)qr_svg(std::string(qr_text_max + 1, 'x'), ""), "qr_text_max");
}

}  // namespace
}  // namespace epay::images
