#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace epay::pages {

enum class QrFormat { svg, png };

// A QR code to be kept: "Content-Disposition: attachment" under `name` (letters, digits and dashes) with the format's
// ending.
http::Response qr_file(std::string_view text, std::string_view title, std::string_view name, QrFormat format);

}  // namespace epay::pages
