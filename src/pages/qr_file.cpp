#include "pages/qr_file.h"

#include "images/qr.h"

namespace epay::pages {

http::Response qr_file(std::string_view text, std::string_view title, std::string_view name, QrFormat format) {
  const bool svg = format == QrFormat::svg;
  http::Response response;
  response.headers.add("Content-Type", svg ? "image/svg+xml" : "image/png");
  response.headers.add("Content-Disposition",
                       "attachment; filename=\"" + std::string(name) + (svg ? ".svg" : ".png") + "\"");
  response.headers.add("Content-Security-Policy", "default-src 'none'; sandbox");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Cache-Control", "no-store");
  response.body = svg ? images::qr_svg(text, title) : images::qr_png(text);
  return response;
}

}  // namespace epay::pages
