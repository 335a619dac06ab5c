// What scripts/bundle.mjs has made of web/, within the binary.
#pragma once

#include <span>
#include <string_view>

namespace epay::pages {

// A style sheet or script, bundled and minified.
struct Asset {
  std::string_view name;  // "dashboard.css"
  std::string_view url;   // "/assets/dashboard.3f9a0c….css": another content, another address
  std::string_view content_type;
  std::string_view text, gzip, brotli;
};

struct EmbeddedText {
  std::string_view name, text;
};

std::span<const Asset> assets();
std::span<const EmbeddedText> templates();
std::span<const EmbeddedText> languages();  // "en" and its texts as JSON

}  // namespace epay::pages
