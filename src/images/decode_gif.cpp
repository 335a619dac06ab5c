#include <gif_lib.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "images/decode.h"

namespace epay::images {
namespace {

int read_some(GifFileType* gif, GifByteType* into, int wanted) {
  auto& rest = *static_cast<std::string_view*>(gif->UserData);
  const std::size_t given = std::min(rest.size(), static_cast<std::size_t>(wanted));
  std::memcpy(into, rest.data(), given);
  rest.remove_prefix(given);
  return static_cast<int>(given);
}

// Passes by an extension, but for the colour that it may make transparent. False when the file is damaged.
bool read_extension(GifFileType& gif, int& transparent) {
  int code = 0;
  GifByteType* block = nullptr;
  if (DGifGetExtension(&gif, &code, &block) == GIF_ERROR) return false;
  GraphicsControlBlock control{};
  if (code == GRAPHICS_EXT_FUNC_CODE && block && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
    transparent = control.TransparentColor;
  }
  while (block != nullptr) {
    if (DGifGetExtensionNext(&gif, &block) == GIF_ERROR) return false;
  }
  return true;
}

// Up to the first image. False when there is none.
bool find_image(GifFileType& gif, int& transparent) {
  for (;;) {
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    if (DGifGetRecordType(&gif, &type) == GIF_ERROR) return false;
    if (type == IMAGE_DESC_RECORD_TYPE) return true;
    if (type != EXTENSION_RECORD_TYPE || !read_extension(gif, transparent)) return false;
  }
}

// The order in which the rows of an interlaced image come.
std::vector<std::size_t> row_order(std::size_t height, bool interlaced) {
  static constexpr std::pair<std::size_t, std::size_t> passes[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};
  static constexpr std::pair<std::size_t, std::size_t> all[] = {{0, 1}};
  std::vector<std::size_t> rows;
  rows.reserve(height);
  const auto add = [&](const auto& steps) {
    for (const auto& [first, step] : steps) {
      for (std::size_t y = first; y < height; y += step) rows.push_back(y);
    }
  };
  if (interlaced) {
    add(passes);
  } else {
    add(all);
  }
  return rows;
}

// What of the frame lies outside of the canvas is cut off.
void paint_row(Bitmap& canvas, const GifImageDesc& frame, std::size_t row, const std::vector<GifPixelType>& pixels,
               const ColorMapObject& colours, int transparent) {
  const std::size_t y = static_cast<std::size_t>(frame.Top) + row;
  if (y >= canvas.size.height) return;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const std::size_t x = static_cast<std::size_t>(frame.Left) + i;
    if (x >= canvas.size.width) return;
    if (pixels[i] == transparent || pixels[i] >= colours.ColorCount) continue;
    const GifColorType& colour = colours.Colors[pixels[i]];
    std::uint8_t* to = canvas.at(x, y);
    to[0] = colour.Red;
    to[1] = colour.Green;
    to[2] = colour.Blue;
    to[3] = 0xFF;
  }
}

}  // namespace

Result<Bitmap> decode_gif(std::string_view bytes) {
  int error = 0;
  const auto close = [](GifFileType* gif) { DGifCloseFile(gif, nullptr); };
  const std::unique_ptr<GifFileType, decltype(close)> gif(DGifOpen(&bytes, read_some, &error), close);
  int transparent = NO_TRANSPARENT_COLOR;
  if (!gif || !find_image(*gif, transparent) || DGifGetImageDesc(gif.get()) == GIF_ERROR) return damaged_image();
  const GifImageDesc& frame = gif->Image;
  const Size frame_size{static_cast<std::size_t>(frame.Width), static_cast<std::size_t>(frame.Height)};
  const Size screen{static_cast<std::size_t>(gif->SWidth), static_cast<std::size_t>(gif->SHeight)};
  for (const Size size : {frame_size, screen}) {
    if (auto checked = check_size(size); !checked) return std::unexpected(checked.error());
  }
  const ColorMapObject* colours = frame.ColorMap ? frame.ColorMap : gif->SColorMap;
  if (colours == nullptr) return damaged_image();
  Bitmap canvas = Bitmap::transparent(screen);
  std::vector<GifPixelType> pixels(frame_size.width);
  for (const std::size_t row : row_order(frame_size.height, frame.Interlace)) {
    if (DGifGetLine(gif.get(), pixels.data(), frame.Width) == GIF_ERROR) return damaged_image();
    paint_row(canvas, frame, row, pixels, *colours, transparent);
  }
  return canvas;
}

}  // namespace epay::images
