#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>

#include "images/decode.h"

namespace epay::images {
namespace {

const std::uint8_t* data_of(std::string_view bytes) { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }

Result<Bitmap> decode_still(std::string_view bytes) {
  WebPBitstreamFeatures features{};
  if (WebPGetFeatures(data_of(bytes), bytes.size(), &features) != VP8_STATUS_OK) return damaged_image();
  if (features.has_animation) return damaged_image();  // within a frame
  const Size size{static_cast<std::size_t>(features.width), static_cast<std::size_t>(features.height)};
  if (auto checked = check_size(size); !checked) return std::unexpected(checked.error());
  Bitmap bitmap = Bitmap::transparent(size);
  const auto stride = static_cast<int>(size.width * 4);
  if (WebPDecodeRGBAInto(data_of(bytes), bytes.size(), bitmap.rgba.data(), bitmap.rgba.size(), stride) == nullptr) {
    return damaged_image();
  }
  return bitmap;
}

Result<Bitmap> decode_first_frame(std::string_view bytes) {
  const WebPData file{data_of(bytes), bytes.size()};
  const std::unique_ptr<WebPDemuxer, void (*)(WebPDemuxer*)> demuxer(WebPDemux(&file), WebPDemuxDelete);
  if (!demuxer) return damaged_image();
  WebPIterator frame{};
  if (WebPDemuxGetFrame(demuxer.get(), 1, &frame) == 0) return damaged_image();
  const std::string_view still(reinterpret_cast<const char*>(frame.fragment.bytes), frame.fragment.size);
  auto bitmap = decode_still(still);
  WebPDemuxReleaseIterator(&frame);
  return bitmap;
}

}  // namespace

Result<Bitmap> decode_webp(std::string_view bytes) {
  WebPBitstreamFeatures features{};
  if (WebPGetFeatures(data_of(bytes), bytes.size(), &features) != VP8_STATUS_OK) return damaged_image();
  return features.has_animation ? decode_first_frame(bytes) : decode_still(bytes);
}

}  // namespace epay::images
