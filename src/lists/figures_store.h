#pragma once

#include "db/database.h"

namespace epay::lists::store {

inline constexpr db::Sql select_days{
    "SELECT day, currency, method, succeeded, succeeded_minor, fees_minor, failed, kind FROM payment_days "
    "WHERE merchant_id = $1 AND mode = $2 AND day >= $3 AND day <= $4 ORDER BY day, kind, currency, method"};

}  // namespace epay::lists::store
