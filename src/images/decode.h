// Pictures that strangers upload, as pixels. Each format's size is checked before its pixels are decoded.
#pragma once

#include <string_view>

#include "images/bitmap.h"

namespace epay::images {

// A PNG, JPEG, WebP or GIF (of a moving one the first frame), told by its content and nothing else. A JPEG that is much
// larger than `wanted` may come out smaller, but not smaller than `wanted` in both directions. Errors:
// unsupported_media (anything else, SVG among it), too_large (bitmap.h's limits), invalid (damaged or incomplete).
Result<Bitmap> decode(std::string_view bytes, Size wanted);

// The formats one by one; `bytes` begins as the format does.
Result<Bitmap> decode_png(std::string_view bytes);
Result<Bitmap> decode_jpeg(std::string_view bytes, Size wanted);
Result<Bitmap> decode_webp(std::string_view bytes);
Result<Bitmap> decode_gif(std::string_view bytes);

std::unexpected<Error> damaged_image();

}  // namespace epay::images
