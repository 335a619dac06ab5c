// The script of merchants' own pages (docs/embedding.md; made of web/assets/inline.ts).
#pragma once

#include "http/router.h"

namespace epay::pages {

// GET /js/inline.js
void add_inline_script(http::Router& router);

}  // namespace epay::pages
