#pragma once

#include "db/database.h"

namespace epay::events::store {

// Endpoints are numbered over all merchants; there are few enough of them to look through.
inline constexpr db::Sql select_owner{"SELECT merchant_id FROM endpoints WHERE id = $1 AND deleted_at IS NULL"};
inline constexpr db::Sql select_any_owner{"SELECT merchant_id FROM endpoints WHERE id = $1"};
inline constexpr db::Sql select_redelivery_owner{"SELECT merchant_id FROM redeliveries WHERE id = $1"};
inline constexpr db::Sql select_deliveries_page{
    "SELECT d.endpoint_id, d.event_id, e.type, e.mode, d.status, d.tries, d.due_at, e.created_at, d.updated_at "
    "FROM deliveries d JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id "
    "WHERE d.merchant_id = $1 AND ($2 IS NULL OR d.endpoint_id = $2) AND ($3 IS NULL OR d.status = $3) "
    "ORDER BY d.event_id DESC, d.endpoint_id DESC LIMIT $4"};
inline constexpr db::Sql select_one_delivery{
    "SELECT d.endpoint_id, d.event_id, e.type, e.mode, d.status, d.tries, d.due_at, e.created_at, d.updated_at "
    "FROM deliveries d JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id "
    "WHERE d.merchant_id = $1 AND d.endpoint_id = $2 AND d.event_id = $3"};
inline constexpr db::Sql select_attempts{
    "SELECT number, started_at, endpoint_version, status, failure, answer, dns_us, connect_us, tls_us, first_byte_us, "
    "total_us FROM delivery_attempts WHERE merchant_id = $1 AND endpoint_id = $2 AND event_id = $3 "
    "ORDER BY number DESC LIMIT $4"};

}  // namespace epay::events::store
