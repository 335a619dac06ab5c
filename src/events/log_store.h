#pragma once

#include "db/database.h"

namespace epay::events::store {

// ---- events ----

// Without their payloads: most of those looked at may not be wanted.
inline constexpr db::Sql select_heads_after{
    "SELECT id, type, mode FROM events WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3"};
inline constexpr db::Sql select_heads_before{
    "SELECT id, type, mode FROM events WHERE merchant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"};
inline constexpr db::Sql select_event{
    "SELECT id, type, mode, sequence, payment_id, created_at, payload FROM events "
    "WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql select_newest_event{"SELECT id FROM events WHERE merchant_id = $1 ORDER BY id DESC LIMIT 1"};

// ---- deliveries ----

// The merchant's lanes: endpoints that are there, and the latest of those that were deleted.
inline constexpr db::Sql select_lanes{
    "SELECT id FROM endpoints WHERE merchant_id = $1 AND deleted_at IS NULL ORDER BY id DESC"};
inline constexpr db::Sql select_deleted_lanes{
    "SELECT id FROM endpoints WHERE merchant_id = $1 AND deleted_at IS NOT NULL ORDER BY id DESC LIMIT $2"};

inline constexpr db::Sql select_lane_deliveries{
    "SELECT d.event_id, e.type, e.mode, e.payment_id, e.created_at, d.status, d.tries, d.due_at, d.updated_at "
    "FROM deliveries d JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id "
    "WHERE d.merchant_id = $1 AND d.endpoint_id = $2 AND d.event_id >= $3 AND d.event_id <= $4 "
    "ORDER BY d.event_id DESC LIMIT $5"};
// The same of those given up, which have an index of their own.
inline constexpr db::Sql select_lane_failures{
    "SELECT d.event_id, e.type, e.mode, e.payment_id, e.created_at, d.status, d.tries, d.due_at, d.updated_at "
    "FROM deliveries d JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id "
    "WHERE d.status = 3 AND d.merchant_id = $1 AND d.endpoint_id = $2 AND d.event_id >= $3 AND d.event_id <= $4 "
    "ORDER BY d.event_id DESC LIMIT $5"};
inline constexpr db::Sql select_attempts{
    "SELECT number, started_at, endpoint_version, status, failure, answer, dns_us, connect_us, tls_us, first_byte_us, "
    "total_us FROM delivery_attempts WHERE merchant_id = $1 AND endpoint_id = $2 AND event_id = $3 "
    "ORDER BY number DESC LIMIT $4"};

}  // namespace epay::events::store
