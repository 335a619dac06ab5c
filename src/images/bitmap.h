// A decoded image, and how large one may be.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace epay::images {

// What an image may claim before a byte of it is decoded: 64 MiB of memory, a second or so of time.
inline constexpr std::size_t side_max = 8'192;
inline constexpr std::size_t pixels_max = 16 * 1024 * 1024;

struct Size {
  std::size_t width = 0;
  std::size_t height = 0;
  friend bool operator==(const Size&, const Size&) = default;
};

// Errors: invalid (no pixels at all), too_large.
Result<> check_size(Size size);

struct Bitmap {
  Size size;
  std::vector<std::uint8_t> rgba;  // 4 bytes a pixel, rows from the top, not multiplied by alpha

  static Bitmap transparent(Size size) { return {size, std::vector<std::uint8_t>(size.width * size.height * 4)}; }
  std::uint8_t* at(std::size_t x, std::size_t y) { return rgba.data() + (y * size.width + x) * 4; }
  const std::uint8_t* at(std::size_t x, std::size_t y) const { return rgba.data() + (y * size.width + x) * 4; }
};

}  // namespace epay::images
