#include "images/logo.h"

#include <webp/encode.h>

#include <memory>

#include "images/decode.h"
#include "images/shrink.h"

namespace epay::images {
namespace {

constexpr float quality = 90;

// Drawings are smaller without loss, photographs with.
Result<std::string> encode(const Bitmap& bitmap) {
  const auto width = static_cast<int>(bitmap.size.width);
  const auto height = static_cast<int>(bitmap.size.height);
  const int stride = width * 4;
  std::uint8_t* written = nullptr;
  std::size_t size = WebPEncodeLosslessRGBA(bitmap.rgba.data(), width, height, stride, &written);
  const std::unique_ptr<std::uint8_t, void (*)(void*)> drawing(written, WebPFree);
  const std::string_view exact(reinterpret_cast<const char*>(drawing.get()), size);
  size = WebPEncodeRGBA(bitmap.rgba.data(), width, height, stride, quality, &written);
  const std::unique_ptr<std::uint8_t, void (*)(void*)> photograph(size == 0 ? nullptr : written, WebPFree);
  const std::string_view close(reinterpret_cast<const char*>(photograph.get()), size);
  if (exact.empty() || close.empty()) return fail(ErrorCode::unavailable, "There is no memory for the image now");
  return std::string(exact.size() <= close.size() ? exact : close);
}

}  // namespace

Result<Logo> make_logo(std::string_view upload) {
  if (upload.size() > logo_upload_bytes_max) {
    return fail(ErrorCode::too_large, "The image may have one megabyte");
  }
  auto whole = decode(upload, logo_size_max);
  if (!whole) return std::unexpected(whole.error());
  const Bitmap small = shrink(*whole, fitted(whole->size, logo_size_max));
  auto bytes = encode(small);
  if (!bytes) return std::unexpected(bytes.error());
  return Logo{"image/webp", *std::move(bytes), small.size};
}

Task<Result<Logo>> make_logo_elsewhere(WorkThread& thread, std::string upload) {
  co_return co_await thread.run([upload = std::move(upload)] { return make_logo(upload); });
}

}  // namespace epay::images
