// Logos that merchants upload: nothing of the file they send reaches a customer but its pixels.
#pragma once

#include <string>
#include <string_view>

#include "images/bitmap.h"
#include "runtime/task.h"
#include "runtime/work_thread.h"

namespace epay::images {

inline constexpr Size logo_size_max{512, 512};
inline constexpr std::size_t logo_upload_bytes_max = 1'000'000;

struct Logo {
  std::string content_type;  // "image/webp"
  std::string bytes;
  Size size;
};

// Decodes a PNG, JPEG, WebP or GIF, makes it fit into logo_size_max, and writes it anew. It blocks, for a second at
// worst. Errors, for people to read: unsupported_media, too_large (bytes or pixels), invalid.
Result<Logo> make_logo(std::string_view upload);

// The same on another thread. Error besides: unavailable (too many at once).
Task<Result<Logo>> make_logo_elsewhere(WorkThread& thread, std::string upload);

}  // namespace epay::images
