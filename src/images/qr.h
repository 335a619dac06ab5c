// QR codes (ISO/IEC 18004), of links to pages and receipts. Error correction level M: a seventh may be dirty.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace epay::images {

// Longer texts would need finer modules than a phone reads from a screen; checked.
inline constexpr std::size_t qr_text_max = 1'000;

// Black on white with its quiet zone, in modules, so that it is sharp at any size; the page gives it one. `title` is
// what a screen reader says. The same text gives the same bytes.
std::string qr_svg(std::string_view text, std::string_view title);

// The same as a picture of at least 1'024 pixels a side, for printing and for programs that do not know SVG.
std::string qr_png(std::string_view text);

}  // namespace epay::images
