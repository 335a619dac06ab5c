#include <turbojpeg.h>

#include <memory>

#include "images/decode.h"
#include "images/orientation.h"

namespace epay::images {
namespace {

const unsigned char* data_of(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

// The smallest size at which the decoder can give the picture that is not below `wanted` in both directions.
Size size_to_decode(Size whole, Size wanted) {
  for (const int denominator : {8, 4, 2}) {
    const tjscalingfactor factor{1, denominator};
    const Size scaled{static_cast<std::size_t>(TJSCALED(static_cast<int>(whole.width), factor)),
                      static_cast<std::size_t>(TJSCALED(static_cast<int>(whole.height), factor))};
    if (scaled.width >= wanted.width || scaled.height >= wanted.height) return scaled;
  }
  return whole;
}

// Printers' colours, as Adobe's programs write them: 255 is no ink.
void from_cmyk(Bitmap& bitmap) {
  for (std::size_t i = 0; i < bitmap.rgba.size(); i += 4) {
    std::uint8_t* pixel = bitmap.rgba.data() + i;
    const unsigned key = pixel[3];
    for (int c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>(pixel[c] * key / 0xFF);
    pixel[3] = 0xFF;
  }
}

}  // namespace

Result<Bitmap> decode_jpeg(std::string_view bytes, Size wanted) {
  const auto close = [](void* handle) { tjDestroy(handle); };
  const std::unique_ptr<void, decltype(close)> decoder(tjInitDecompress(), close);
  if (!decoder) return fail(ErrorCode::unavailable, "There is no memory for the image now");
  int width = 0, height = 0, subsampling = 0, colours = 0;
  if (tjDecompressHeader3(decoder.get(), data_of(bytes), bytes.size(), &width, &height, &subsampling, &colours) != 0) {
    return damaged_image();
  }
  const Size whole{static_cast<std::size_t>(width), static_cast<std::size_t>(height)};
  if (auto checked = check_size(whole); !checked) return std::unexpected(checked.error());
  Bitmap bitmap = Bitmap::transparent(size_to_decode(whole, wanted));
  const bool printed = colours == TJCS_CMYK || colours == TJCS_YCCK;
  // A file of a thousand scans makes a decoder go through the whole picture a thousand times.
  const int flags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;
  if (tjDecompress2(decoder.get(), data_of(bytes), bytes.size(), bitmap.rgba.data(),
                    static_cast<int>(bitmap.size.width), static_cast<int>(bitmap.size.width * 4),
                    static_cast<int>(bitmap.size.height), printed ? TJPF_CMYK : TJPF_RGBA, flags) != 0) {
    return damaged_image();
  }
  if (printed) from_cmyk(bitmap);
  return turned_upright(std::move(bitmap), jpeg_orientation(bytes));
}

}  // namespace epay::images
