// The mustache templates of web/templates. Reactor thread only.
#pragma once

#include <string>
#include <string_view>

#include "pages/texts.h"
#include "pages/view.h"

namespace epay::pages {

// The template "checkout/form" filled with `view`; the texts are at {{t.section.key}}. A template that does not exist
// is a mistake of ours.
std::string render(std::string_view template_name, const View& view, const Texts& texts);

}  // namespace epay::pages
