#pragma once

#include "images/bitmap.h"

namespace epay::images {

// The size within `most` that has the aspect of `size`; never larger than `size`, at least one pixel a side.
Size fitted(Size size, Size most);

// Each pixel is the mean of the area it stands for, so that small text stays readable. `size` must not be larger.
Bitmap shrink(const Bitmap& bitmap, Size size);

}  // namespace epay::images
