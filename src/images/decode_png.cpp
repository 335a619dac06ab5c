#include <png.h>

#include <string>

#include "images/decode.h"

namespace epay::images {
namespace {

constexpr std::size_t signature_bytes = 8;
constexpr std::size_t chunk_frame_bytes = 12;  // length, type, checksum

std::size_t big_endian(std::string_view four) {
  std::size_t number = 0;
  for (const char c : four.substr(0, 4)) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

bool is_needed(std::string_view type) {
  return type == "IHDR" || type == "PLTE" || type == "tRNS" || type == "IDAT" || type == "IEND";
}

// The file without the chunks that are not pixels: text, profiles and animations can each unpack to gigabytes. Nothing
// when it does not come to its end.
std::string without_extras(std::string_view bytes) {
  std::string kept(bytes.substr(0, signature_bytes));
  std::string_view rest = bytes.substr(signature_bytes);
  while (rest.size() >= chunk_frame_bytes) {
    const std::size_t length = big_endian(rest);
    if (length > rest.size() - chunk_frame_bytes) return {};
    const std::string_view chunk = rest.substr(0, length + chunk_frame_bytes);
    const std::string_view type = chunk.substr(4, 4);
    if (is_needed(type)) kept += chunk;
    if (type == "IEND") return kept;
    rest.remove_prefix(chunk.size());
  }
  return {};
}

// libpng's simplified reader frees itself when it has read to the end or failed, but not when it is left alone.
struct Reader {
  png_image image{};
  Reader() { image.version = PNG_IMAGE_VERSION; }
  ~Reader() { png_image_free(&image); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
};

}  // namespace

Result<Bitmap> decode_png(std::string_view bytes) {
  const std::string file = without_extras(bytes);
  Reader reader;
  if (file.empty() || png_image_begin_read_from_memory(&reader.image, file.data(), file.size()) == 0) {
    return damaged_image();
  }
  const Size size{reader.image.width, reader.image.height};
  if (auto checked = check_size(size); !checked) return std::unexpected(checked.error());
  Bitmap bitmap = Bitmap::transparent(size);
  reader.image.format = PNG_FORMAT_RGBA;
  reader.image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  constexpr int stride = 0;  // one row after the other
  if (png_image_finish_read(&reader.image, nullptr, bitmap.rgba.data(), stride, nullptr) == 0) return damaged_image();
  return bitmap;
}

}  // namespace epay::images
