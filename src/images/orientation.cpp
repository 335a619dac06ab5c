#include "images/orientation.h"

#include <algorithm>
#include <cstring>

namespace epay::images {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t entries_max = 256;

// Numbers of a TIFF structure, which is in either byte order. What lies outside is zero.
struct Tiff {
  std::string_view bytes;
  bool little_endian;

  std::size_t number(std::size_t at, std::size_t width) const {
    if (at > bytes.size() || bytes.size() - at < width) return 0;
    std::size_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const auto byte = static_cast<unsigned char>(bytes[at + (little_endian ? width - 1 - i : i)]);
      value = value << 8 | byte;
    }
    return value;
  }
};

int orientation_of(std::string_view exif) {
  const Tiff tiff{exif, exif.starts_with("II")};
  constexpr std::size_t entry_bytes = 12;
  constexpr std::size_t orientation_tag = 0x0112;
  const std::size_t directory = tiff.number(4, 4);
  const std::size_t entries = std::min(tiff.number(directory, 2), entries_max);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * entry_bytes;
    if (tiff.number(entry, 2) != orientation_tag) continue;
    const std::size_t value = tiff.number(entry + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace

int jpeg_orientation(std::string_view jpeg) {
  constexpr std::string_view exif = "Exif\0\0"sv;
  constexpr unsigned char first_application = 0xE0, second_application = 0xE1, last_application = 0xEF;
  std::string_view rest = jpeg.substr(std::min<std::size_t>(2, jpeg.size()));
  // Applications' segments come first.
  while (rest.size() >= 4 && static_cast<unsigned char>(rest[0]) == 0xFF) {
    const auto marker = static_cast<unsigned char>(rest[1]);
    if (marker < first_application || marker > last_application) break;
    const std::size_t length = Tiff{rest, false}.number(2, 2);
    if (length < 2 || length + 2 > rest.size()) break;
    const std::string_view content = rest.substr(4, length - 2);
    if (marker == second_application && content.starts_with(exif)) return orientation_of(content.substr(exif.size()));
    rest.remove_prefix(length + 2);
  }
  return 1;
}

Bitmap turned_upright(Bitmap bitmap, int orientation) {
  if (orientation <= 1 || orientation > 8) return bitmap;
  const bool on_its_side = orientation >= 5;
  const auto [width, height] = bitmap.size;
  Bitmap upright = Bitmap::transparent(on_its_side ? Size{height, width} : Size{width, height});
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      const std::size_t left = width - 1 - x;
      const std::size_t up = height - 1 - y;
      std::uint8_t* to = nullptr;
      switch (orientation) {
        case 2: to = upright.at(left, y); break;
        case 3: to = upright.at(left, up); break;
        case 4: to = upright.at(x, up); break;
        case 5: to = upright.at(y, x); break;
        case 6: to = upright.at(up, x); break;
        case 7: to = upright.at(up, left); break;
        default: to = upright.at(y, left); break;
      }
      std::memcpy(to, bitmap.at(x, y), 4);
    }
  }
  return upright;
}

}  // namespace epay::images
