// A payment page's settings as JSON, for the command line.
#pragma once

#include <string_view>

#include "base/result.h"
#include "payments/payment_page.h"

namespace epay::app {

// {"name": "Ag lounge", "description": "…", "currency": "GHS", "amount": {"kind": "open", "least": "1", "most": "50"}
// or
// {"kind": "fixed", "fixed": "22.50"} or {"kind": "choices", "choices": ["5", "10"], "other": true}, "fields":
// [{"label": "Size", "kind": "choice", "required": true, "choices": ["S", "M"]}], "quantity": 100, "expires_at": Unix
// seconds, "active": true, "redirect_url": "…", "success_message": "…", "embedding": "anywhere", "nowhere" or "listed",
// "embed_origins": ["https://…"]}: all but the name may be left out. Error: invalid, naming every wrong member.
Result<payments::PageSettings> parse_page_settings(std::string_view json);

}  // namespace epay::app
