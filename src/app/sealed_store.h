#pragma once

#include "db/database.h"

namespace epay::app::store {

// Answers kept for an idempotency key count whole, for some of them are sealed.
inline constexpr db::Sql select_whether_any_secret{
    "SELECT EXISTS (SELECT 1 FROM endpoint_secrets) OR EXISTS (SELECT 1 FROM endpoints WHERE request_box IS NOT NULL) "
    "OR EXISTS (SELECT 1 FROM idempotency_keys) OR EXISTS (SELECT 1 FROM users WHERE totp_box IS NOT NULL)"};

}  // namespace epay::app::store
