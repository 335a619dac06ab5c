#include "images/logo.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "images/decode.h"
#include "images/orientation.h"
#include "images/shrink.h"

namespace epay::images {
namespace {

using namespace std::string_literals;

std::string seed(const std::string& name) {
  std::ifstream stream(std::filesystem::path(EPAY_SOURCE_DIR) / "tests/seeds/images" / name, std::ios::binary);
  EXPECT_TRUE(stream.good()) << name;
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  return bytes.str();
}

struct Colour {
  int red, green, blue, alpha;
};
constexpr Colour red{255, 0, 0, 255}, green{0, 255, 0, 255}, blue{0, 0, 255, 255}, white{255, 255, 255, 255},
    nothing{0, 0, 0, 0};

void expect_colour(const Bitmap& bitmap, std::size_t x, std::size_t y, Colour wanted) {
  constexpr int off_max = 12;  // what a lossy format may change
  const std::uint8_t* pixel = bitmap.at(x, y);
  EXPECT_NEAR(pixel[3], wanted.alpha, off_max) << x << ", " << y;
  if (wanted.alpha == 0) return;
  EXPECT_NEAR(pixel[0], wanted.red, off_max) << x << ", " << y;
  EXPECT_NEAR(pixel[1], wanted.green, off_max) << x << ", " << y;
  EXPECT_NEAR(pixel[2], wanted.blue, off_max) << x << ", " << y;
}

// Red and green above blue and `last`.
void expect_quarters(const Bitmap& bitmap, Colour last) {
  const auto [width, height] = bitmap.size;
  expect_colour(bitmap, width / 4, height / 4, red);
  expect_colour(bitmap, 3 * width / 4, height / 4, green);
  expect_colour(bitmap, width / 4, 3 * height / 4, blue);
  expect_colour(bitmap, 3 * width / 4, 3 * height / 4, last);
}

Bitmap quarters(Size size) {
  Bitmap bitmap = Bitmap::transparent(size);
  for (std::size_t y = 0; y < size.height; ++y) {
    for (std::size_t x = 0; x < size.width; ++x) {
      const bool left = x < size.width / 2, up = y < size.height / 2;
      if (!left && !up) continue;
      std::uint8_t* pixel = bitmap.at(x, y);
      pixel[up ? (left ? 0 : 1) : 2] = 0xFF;
      pixel[3] = 0xFF;
    }
  }
  return bitmap;
}

TEST(Logo, EveryFormatIsReadAndWrittenAnew) {
  const std::pair<const char*, Colour> rows[] = {
      {"quadrants.png", nothing}, {"palette.png", nothing}, {"interlaced16.png", nothing}, {"baseline.jpg", white},
      {"progressive.jpg", white}, {"cmyk.jpg", white},      {"turned.jpg", white},         {"lossy.webp", nothing},
      {"lossless.webp", nothing}, {"moving.webp", nothing}, {"transparent.gif", nothing},  {"interlaced.gif", nothing},
      {"moving.gif", nothing},
  };
  for (const auto& [name, last] : rows) {
    SCOPED_TRACE(name);
    const auto logo = make_logo(seed(name));
    ASSERT_TRUE(logo.has_value()) << logo.error().message;
    EXPECT_EQ(logo->content_type, "image/webp");
    EXPECT_EQ(logo->size, (Size{64, 48}));
    const auto shown = decode(logo->bytes, logo_size_max);
    ASSERT_TRUE(shown.has_value()) << shown.error().message;
    EXPECT_EQ(shown->size, logo->size);
    expect_quarters(*shown, last);
  }
  EXPECT_TRUE(make_logo(seed("gray.jpg")).has_value());
}

TEST(Logo, NothingButPixelsIsKept) {
  const std::string turned = seed("turned.jpg");
  ASSERT_TRUE(turned.contains("who took it"));
  // What a polyglot carries behind the end of the image goes too.
  const std::string uploads[] = {turned, seed("quadrants.png") + "<script>who took it</script>",
                                 seed("transparent.gif") + "PK\3\4who took it", seed("baseline.jpg") + "who took it",
                                 seed("lossless.webp") + "who took it"};
  for (const std::string& upload : uploads) {
    const auto logo = make_logo(upload);
    ASSERT_TRUE(logo.has_value()) << logo.error().message;
    EXPECT_TRUE(logo->bytes.starts_with("RIFF"));
    for (const char* trace : {"who took it", "Exif", "EXIF", "ICCP", "XMP "}) {
      EXPECT_FALSE(logo->bytes.contains(trace)) << trace;
    }
  }
}

TEST(Logo, FitsWithItsAspectKept) {
  const std::pair<Size, Size> rows[] = {
      {{512, 512}, {512, 512}}, {{64, 48}, {64, 48}},       {{1024, 512}, {512, 256}}, {{512, 1024}, {256, 512}},
      {{513, 1}, {512, 1}},     {{8192, 1}, {512, 1}},      {{1, 8192}, {1, 512}},     {{600, 599}, {512, 511}},
      {{1, 1}, {1, 1}},         {{4096, 4096}, {512, 512}},
  };
  for (const auto& [whole, wanted] : rows) {
    EXPECT_EQ(fitted(whole, logo_size_max), wanted) << whole.width << " × " << whole.height;
  }
}

TEST(Logo, ShrinkingKeepsColoursAndEdges) {
  for (const Size from : {Size{1024, 768}, Size{1000, 771}, Size{513, 513}}) {
    const Size to = fitted(from, logo_size_max);
    const Bitmap small = shrink(quarters(from), to);
    ASSERT_EQ(small.size, to);
    expect_quarters(small, nothing);
    expect_colour(small, 0, 0, red);
    expect_colour(small, to.width - 1, 0, green);
    expect_colour(small, 0, to.height - 1, blue);
    expect_colour(small, to.width - 1, to.height - 1, nothing);
  }
  // Two of four pixels are there: half as much of the same colour.
  Bitmap four = Bitmap::transparent({2, 2});
  for (const std::size_t x : {0u, 1u}) {
    four.at(x, 0)[0] = 200;
    four.at(x, 0)[3] = 255;
  }
  const Bitmap one = shrink(four, {1, 1});
  EXPECT_EQ(std::vector<int>(one.rgba.begin(), one.rgba.end()), (std::vector<int>{200, 0, 0, 128}));
}

TEST(Logo, ACamerasNoteTurnsThePictureUpright) {
  EXPECT_EQ(jpeg_orientation(seed("turned.jpg")), 6);
  EXPECT_EQ(jpeg_orientation(seed("baseline.jpg")), 1);
  EXPECT_EQ(jpeg_orientation(""), 1);
  for (std::size_t length = 0; length < 200; ++length) {
    EXPECT_LE(jpeg_orientation(seed("turned.jpg").substr(0, length)), 8);
  }
  // A pixel that was at 0, 0 of a picture of 3 × 2, and where it goes.
  const std::pair<Size, Size> rows[] = {{{3, 2}, {0, 0}}, {{3, 2}, {2, 0}}, {{3, 2}, {2, 1}}, {{3, 2}, {0, 1}},
                                        {{2, 3}, {0, 0}}, {{2, 3}, {1, 0}}, {{2, 3}, {1, 2}}, {{2, 3}, {0, 2}}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    Bitmap bitmap = Bitmap::transparent({3, 2});
    bitmap.at(0, 0)[3] = 0xFF;
    const auto& [size, place] = rows[orientation - 1];
    const Bitmap upright = turned_upright(bitmap, orientation);
    EXPECT_EQ(upright.size, size) << orientation;
    EXPECT_EQ(upright.at(place.width, place.height)[3], 0xFF) << orientation;
  }
}

TEST(Logo, TheRestIsRefusedWithAReason) {
  std::string resized = seed("baseline.jpg");
  const std::size_t frame = resized.find("\xFF\xC0"s);
  ASSERT_NE(frame, std::string::npos);
  resized.replace(frame + 5, 4, "\x27\x10\x27\x10"s);  // 10'000 a side
  std::string wide_gif = seed("transparent.gif");
  wide_gif.replace(6, 4, "\xFF\xFF\xFF\xFF"s);
  std::string wide_frame = seed("transparent.gif");
  const std::size_t descriptor = wide_frame.find(","s + "\0\0\0\0\x40\0\x30\0"s);
  ASSERT_NE(descriptor, std::string::npos);
  wide_frame.replace(descriptor + 5, 4, "\xFF\xFF\xFF\xFF"s);
  std::string empty_png = seed("quadrants.png");
  empty_png.replace(16, 4, "\0\0\0\0"s);
  const struct {
    const char* what;
    std::string upload;
    ErrorCode code;
    const char* why;
  } rows[] = {
      {"nothing", "", ErrorCode::unsupported_media, "PNG, JPEG, WebP or GIF"},
      {"text", "GIF", ErrorCode::unsupported_media, "PNG, JPEG, WebP or GIF"},
      {"html", "<!doctype html><script>alert(1)</script>", ErrorCode::unsupported_media, "PNG, JPEG"},
      {"svg", seed("script.svg"), ErrorCode::unsupported_media, "SVG"},
      {"svg with a prologue", "<?xml version=\"1.0\"?><!DOCTYPE svg>", ErrorCode::unsupported_media, "SVG"},
      {"bmp", "BM\x36\0\0\0\0\0\0\0\x36\0\0\0"s, ErrorCode::unsupported_media, "PNG, JPEG, WebP or GIF"},
      {"pdf", "%PDF-1.4", ErrorCode::unsupported_media, "PNG, JPEG, WebP or GIF"},
      {"riff that is no webp", "RIFF\x10\0\0\0WAVEfmt "s, ErrorCode::unsupported_media, "PNG, JPEG"},
      {"too many bytes", seed("quadrants.png") + std::string(logo_upload_bytes_max, 'x'), ErrorCode::too_large,
       "megabyte"},
      {"100 megapixels of PNG", seed("hundred_megapixels.png"), ErrorCode::too_large, "10000 × 10000"},
      {"100 megapixels of JPEG", resized, ErrorCode::too_large, "10000 × 10000"},
      {"a screen of GIF", wide_gif, ErrorCode::too_large, "65535 × 65535"},
      {"a frame of GIF", wide_frame, ErrorCode::too_large, "65535 × 65535"},
      {"a PNG without pixels", empty_png, ErrorCode::invalid, "damaged"},
      {"a PNG's signature", "\x89PNG\r\n\x1A\n"s, ErrorCode::invalid, "damaged"},
      {"a JPEG's start", "\xFF\xD8\xFF"s, ErrorCode::invalid, "damaged"},
      {"a WebP's start", "RIFF\x10\0\0\0WEBP"s, ErrorCode::invalid, "damaged"},
      {"a GIF's start", "GIF89a"s, ErrorCode::invalid, "damaged"},
      {"a GIF without an image", seed("transparent.gif").substr(0, 13) + ";", ErrorCode::invalid, "damaged"},
  };
  for (const auto& row : rows) {
    const auto logo = make_logo(row.upload);
    ASSERT_FALSE(logo.has_value()) << row.what;
    EXPECT_EQ(logo.error().code, row.code) << row.what;
    EXPECT_TRUE(logo.error().message.contains(row.why)) << row.what << ": " << logo.error().message;
  }
}

TEST(Logo, WhatIsCutOffOrAlteredNeverHarms) {
  for (const char* name :
       {"quadrants.png", "palette.png", "interlaced16.png", "baseline.jpg", "progressive.jpg", "cmyk.jpg", "turned.jpg",
        "lossy.webp", "lossless.webp", "moving.webp", "transparent.gif", "interlaced.gif", "moving.gif"}) {
    const std::string whole = seed(name);
    std::size_t shown = 0;
    for (std::size_t length = 0; length < whole.size(); ++length) {
      shown += decode(whole.substr(0, length), logo_size_max).has_value() ? 1 : 0;
    }
    // An image may be complete some bytes before its file is: end markers, further frames.
    EXPECT_LT(shown, whole.size() / 2) << name;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (const int flipped : {0x01, 0x80, 0xFF}) {
        std::string altered = whole;
        altered[i] = static_cast<char>(altered[i] ^ flipped);
        const auto bitmap = decode(altered, logo_size_max);
        if (!bitmap) continue;
        EXPECT_TRUE(check_size(bitmap->size).has_value());
        EXPECT_EQ(bitmap->rgba.size(), bitmap->size.width * bitmap->size.height * 4);
      }
    }
  }
}

TEST(Logo, MetadataOfAPngIsNotUnpacked) {
  // A text that says it is compressed, with a checksum that is wrong: whoever looks at it stumbles.
  std::string file = seed("quadrants.png");
  const std::size_t behind_header = 8 + 25;
  std::string chunk = "\0\1\0\0zTXtkey\0\0"s + std::string(0x10000 - 5, 'x') + "\0\0\0\0"s;
  file.insert(behind_header, chunk);
  EXPECT_TRUE(make_logo(file).has_value());
}

TEST(Logo, TheLargestImagesTakeAMomentOnly) {
  // A progressive JPEG says that it has sixteen million pixels, and gives the decoder all its scans for them.
  std::string large = seed("progressive.jpg");
  const std::size_t frame = large.find("\xFF\xC2"s);
  ASSERT_NE(frame, std::string::npos);
  large.replace(frame + 5, 4, "\x10\0\x10\0"s);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(make_logo(large).has_value());
  const Bitmap small = shrink(Bitmap::transparent({4096, 4096}), logo_size_max);
  EXPECT_EQ(small.size, logo_size_max);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

}  // namespace
}  // namespace epay::images
