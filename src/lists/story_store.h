#pragma once

#include "db/database.h"

namespace epay::lists::store {

inline constexpr db::Sql select_attempts_of{
    "SELECT number, rail, status, rail_reference, failure, polls, poll_at, created_at, updated_at FROM attempts "
    "WHERE merchant_id = $1 AND payment_id = $2 AND mode = $3 ORDER BY number DESC LIMIT $4"};

}  // namespace epay::lists::store
