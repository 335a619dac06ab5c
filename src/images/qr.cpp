#include "images/qr.h"

#include <png.h>
#include <qrencode.h>

#include <memory>
#include <vector>

#include "base/check.h"
#include "base/html.h"

namespace epay::images {
namespace {

constexpr std::size_t quiet_zone = 4;  // modules; the standard's least
constexpr std::size_t png_side_min = 1'024;

// The modules with the quiet zone around them.
struct Symbol {
  std::size_t side;
  std::vector<bool> dark;
  bool at(std::size_t x, std::size_t y) const { return dark[y * side + x]; }
};

Symbol encode(std::string_view text) {
  EPAY_CHECK(!text.empty());
  EPAY_CHECK(text.size() <= qr_text_max);
  constexpr int smallest_version = 0;
  const std::unique_ptr<QRcode, void (*)(QRcode*)> code(
      QRcode_encodeData(static_cast<int>(text.size()), reinterpret_cast<const unsigned char*>(text.data()),
                        smallest_version, QR_ECLEVEL_M),
      QRcode_free);
  EPAY_CHECK(code != nullptr);
  const auto width = static_cast<std::size_t>(code->width);
  Symbol symbol{width + 2 * quiet_zone, {}};
  symbol.dark.resize(symbol.side * symbol.side);
  for (std::size_t y = 0; y < width; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      symbol.dark[(y + quiet_zone) * symbol.side + x + quiet_zone] = (code->data[y * width + x] & 1) != 0;
    }
  }
  return symbol;
}

// Each row is a line one module wide, drawn where it is dark and moved along where it is not.
std::string path_of(const Symbol& symbol) {
  std::string path;
  for (std::size_t y = 0; y < symbol.side; ++y) {
    std::size_t pen = 0;
    bool started = false;
    for (std::size_t x = 0; x < symbol.side;) {
      std::size_t end = x;
      while (end < symbol.side && symbol.at(end, y) == symbol.at(x, y)) ++end;
      if (symbol.at(x, y)) {
        path +=
            started ? "m" + std::to_string(x - pen) + " 0" : "M" + std::to_string(x) + " " + std::to_string(y) + ".5";
        path += "h" + std::to_string(end - x);
        pen = end;
        started = true;
      }
      x = end;
    }
  }
  return path;
}

}  // namespace

std::string qr_svg(std::string_view text, std::string_view title) {
  const Symbol symbol = encode(text);
  const std::string side = std::to_string(symbol.side);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + side + " " + side +
         "\" shape-rendering=\"crispEdges\" role=\"img\"><title>" + escape_html(title) +
         "</title><path fill=\"#fff\" d=\"M0 0h" + side + "v" + side + "H0z\"/><path stroke=\"#000\" d=\"" +
         path_of(symbol) + "\"/></svg>";
}

std::string qr_png(std::string_view text) {
  const Symbol symbol = encode(text);
  const std::size_t scale = (png_side_min + symbol.side - 1) / symbol.side;
  const std::size_t side = symbol.side * scale;
  std::vector<png_byte> pixels(side * side);
  for (std::size_t y = 0; y < side; ++y) {
    for (std::size_t x = 0; x < side; ++x) {
      pixels[y * side + x] = symbol.at(x / scale, y / scale) ? 0x00 : 0xFF;
    }
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(side);
  image.height = static_cast<png_uint_32>(side);
  image.format = PNG_FORMAT_GRAY;
  std::string file(PNG_IMAGE_PNG_SIZE_MAX(image), '\0');
  png_alloc_size_t size = file.size();
  const int eight_bits = 0;
  EPAY_CHECK(png_image_write_to_memory(&image, file.data(), &size, eight_bits, pixels.data(), 0, nullptr) != 0);
  file.resize(size);
  return file;
}

}  // namespace epay::images
