#include "images/decode.h"

#include <algorithm>

namespace epay::images {
namespace {

using namespace std::string_view_literals;

// SVG is text that browsers run: it can hold scripts, and fetch what it likes.
bool looks_like_svg(std::string_view bytes) {
  constexpr std::size_t looked_at = 1'024;
  const std::string_view start = bytes.substr(0, looked_at);
  return start.contains("<svg") || start.starts_with("<?xml") || start.starts_with("\xEF\xBB\xBF<");
}

}  // namespace

Result<> check_size(Size size) {
  if (size.width == 0 || size.height == 0) return damaged_image();
  const bool fits = size.width <= side_max && size.height <= side_max && size.width * size.height <= pixels_max;
  if (fits) return {};
  return fail(ErrorCode::too_large, "The image has " + std::to_string(size.width) + " × " +
                                        std::to_string(size.height) + " pixels; it may have 16 million, and " +
                                        std::to_string(side_max) + " a side");
}

std::unexpected<Error> damaged_image() { return fail(ErrorCode::invalid, "The image is damaged or incomplete"); }

Result<Bitmap> decode(std::string_view bytes, Size wanted) {
  if (bytes.starts_with("\x89PNG\r\n\x1A\n"sv)) return decode_png(bytes);
  if (bytes.starts_with("\xFF\xD8\xFF"sv)) return decode_jpeg(bytes, wanted);
  if (bytes.starts_with("RIFF"sv) && bytes.substr(std::min<std::size_t>(8, bytes.size())).starts_with("WEBP"sv)) {
    return decode_webp(bytes);
  }
  if (bytes.starts_with("GIF87a"sv) || bytes.starts_with("GIF89a"sv)) return decode_gif(bytes);
  if (looks_like_svg(bytes)) {
    return fail(ErrorCode::unsupported_media,
                "SVG is not taken, because it can hold scripts; the image must be a PNG, JPEG, WebP or GIF");
  }
  return fail(ErrorCode::unsupported_media, "The image must be a PNG, JPEG, WebP or GIF");
}

}  // namespace epay::images
