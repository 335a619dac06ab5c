#include "pages/embedded.h"

namespace epay::pages {
namespace {

#include "web/embedded.inc"

}  // namespace

std::span<const Asset> assets() { return embedded_assets; }
std::span<const EmbeddedText> templates() { return embedded_templates; }
std::span<const EmbeddedText> languages() { return embedded_texts; }

}  // namespace epay::pages
