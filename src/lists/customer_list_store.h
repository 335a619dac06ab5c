#pragma once

#include "db/database.h"

namespace epay::lists::store {

inline constexpr db::Sql select_customers_down{
    "SELECT id, name, email, telephone, created_at, updated_at, last_payment_id FROM customers "
    "WHERE merchant_id = $1 AND mode = $2 AND id >= $3 AND id <= $4 ORDER BY id DESC LIMIT $5"};
inline constexpr db::Sql select_customers_up{
    "SELECT id, name, email, telephone, created_at, updated_at, last_payment_id FROM customers "
    "WHERE merchant_id = $1 AND mode = $2 AND id >= $3 AND id <= $4 ORDER BY id LIMIT $5"};
inline constexpr db::Sql select_link{
    "SELECT kind, status, currency, amount_minor, customer_previous_id FROM payments "
    "WHERE merchant_id = $1 AND mode = $2 AND id = $3"};

}  // namespace epay::lists::store
