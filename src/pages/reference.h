// The API's documentation, embedded in the binary: for people and for programs.
#pragma once

#include "http/router.h"

namespace epay::pages {

// GET /docs (web/docs.html) and /openapi.yaml (docs/openapi.yaml)
void add_reference(http::Router& router);

}  // namespace epay::pages
