// How a camera was held: its picture lies on its side, and a note in its metadata (Exif) says so.
#pragma once

#include <string_view>

#include "images/bitmap.h"

namespace epay::images {

// 1 (upright) to 8 as Exif counts, 1 also where the file says nothing readable.
int jpeg_orientation(std::string_view jpeg);

Bitmap turned_upright(Bitmap bitmap, int orientation);

}  // namespace epay::images
