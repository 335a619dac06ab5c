#pragma once

#include "db/database.h"

namespace epay::app::store {

// Answers kept for an idempotency key count whole, for some of them are sealed.
inline constexpr db::Sql select_whether_any_secret{
    "SELECT EXISTS (SELECT 1 FROM endpoint_secrets) OR EXISTS (SELECT 1 FROM endpoints WHERE request_box IS NOT NULL) "
    "OR EXISTS (SELECT 1 FROM idempotency_keys) OR EXISTS (SELECT 1 FROM users WHERE totp_box IS NOT NULL)"};

inline constexpr db::Sql select_any_endpoint_secret{
    "SELECT merchant_id, endpoint_id FROM endpoint_secrets ORDER BY merchant_id, endpoint_id LIMIT 1"};
inline constexpr db::Sql select_latest_payment{"SELECT count(*), max(created_at) FROM payments"};

}  // namespace epay::app::store
