#include "images/shrink.h"

#include <algorithm>
#include <array>

namespace epay::images {
namespace {

// The part of a source row (or column) that one pixel of the result stands for.
struct Span {
  std::size_t first;
  std::vector<std::uint64_t> weights;  // of the source pixels from `first` on, in 1/result-pixels
};

std::vector<Span> spans(std::size_t from, std::size_t to) {
  std::vector<Span> all(to);
  for (std::size_t i = 0; i < to; ++i) {
    // Counted in 1/to of a source pixel, where everything is whole.
    const std::size_t start = i * from, end = (i + 1) * from;
    all[i].first = start / to;
    for (std::size_t x = start / to; x * to < end; ++x) {
      all[i].weights.push_back(std::min(end, (x + 1) * to) - std::max(start, x * to));
    }
  }
  return all;
}

}  // namespace

Size fitted(Size size, Size most) {
  if (size.width <= most.width && size.height <= most.height) return size;
  // Compared without a division: which side is the one that decides.
  if (size.width * most.height >= size.height * most.width) {
    return {most.width, std::max<std::size_t>(1, size.height * most.width / size.width)};
  }
  return {std::max<std::size_t>(1, size.width * most.height / size.height), most.height};
}

Bitmap shrink(const Bitmap& bitmap, Size size) {
  if (bitmap.size == size) return bitmap;
  const std::vector<Span> columns = spans(bitmap.size.width, size.width);
  const std::vector<Span> rows = spans(bitmap.size.height, size.height);
  Bitmap small = Bitmap::transparent(size);
  for (std::size_t y = 0; y < size.height; ++y) {
    for (std::size_t x = 0; x < size.width; ++x) {
      std::array<std::uint64_t, 3> colour{};
      std::uint64_t alpha = 0, area = 0;
      for (std::size_t j = 0; j < rows[y].weights.size(); ++j) {
        const std::uint8_t* from = bitmap.at(columns[x].first, rows[y].first + j);
        for (std::size_t i = 0; i < columns[x].weights.size(); ++i, from += 4) {
          const std::uint64_t weight = rows[y].weights[j] * columns[x].weights[i];
          // What is transparent has no say in the colour.
          const std::uint64_t visible = weight * from[3];
          for (std::size_t c = 0; c < 3; ++c) colour[c] += visible * from[c];
          alpha += visible;
          area += weight;
        }
      }
      std::uint8_t* to = small.at(x, y);
      for (std::size_t c = 0; c < 3 && alpha > 0; ++c)
        to[c] = static_cast<std::uint8_t>((colour[c] + alpha / 2) / alpha);
      to[3] = static_cast<std::uint8_t>((alpha + area / 2) / area);
    }
  }
  return small;
}

}  // namespace epay::images
