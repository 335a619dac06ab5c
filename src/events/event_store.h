#pragma once

#include "db/database.h"

namespace epay::events::store {

inline constexpr db::Sql insert_event{
    "INSERT INTO events (merchant_id, id, mode, type, payment_id, payload, created_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)"};
inline constexpr db::Sql select_enabled_endpoints{
    "SELECT id FROM endpoints WHERE merchant_id = $1 AND enabled = 1 ORDER BY id"};
inline constexpr db::Sql insert_delivery{
    "INSERT INTO deliveries (merchant_id, endpoint_id, event_id, status, tries, instant_tries, due_at, updated_at) "
    "VALUES ($1, $2, $3, $4, 0, 0, $5, $5)"};

inline constexpr db::Sql insert_endpoint{
    "INSERT INTO endpoints (merchant_id, id, url, secret_box, enabled, version, created_at) "
    "VALUES ($1, $2, $3, $4, 1, 1, $5)"};
inline constexpr db::Sql update_endpoint_url{
    "UPDATE endpoints SET url = $3, version = version + 1 WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql select_endpoint{
    "SELECT merchant_id, id, url, secret_box, enabled FROM endpoints WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql select_endpoints{
    "SELECT merchant_id, id, url, secret_box, enabled FROM endpoints WHERE merchant_id = $1 ORDER BY id"};

inline constexpr db::Sql select_next_lane{
    "SELECT merchant_id, endpoint_id FROM deliveries WHERE due_at IS NOT NULL AND (merchant_id, endpoint_id) > ($1, "
    "$2) "
    "ORDER BY merchant_id, endpoint_id LIMIT 1"};
inline constexpr db::Sql select_due{
    "SELECT d.event_id, d.tries, d.due_at, e.type, e.payload, d.instant_tries FROM deliveries d "
    "JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id "
    "WHERE d.merchant_id = $1 AND d.endpoint_id = $2 AND d.due_at <= $3 ORDER BY d.due_at, d.event_id LIMIT $4"};
inline constexpr db::Sql insert_attempt{
    "INSERT INTO delivery_attempts (merchant_id, endpoint_id, event_id, number, started_at, status, failure, answer, "
    "dns_us, connect_us, first_byte_us, total_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
    "ON CONFLICT DO NOTHING"};
inline constexpr db::Sql update_delivery{
    "UPDATE deliveries SET status = $4, tries = $5, instant_tries = $6, due_at = $7, updated_at = $8 "
    "WHERE merchant_id = $1 AND endpoint_id = $2 AND event_id = $3"};
inline constexpr db::Sql select_deliveries{
    "SELECT d.endpoint_id, d.event_id, d.status, d.tries, d.due_at, e.type FROM deliveries d "
    "JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id "
    "WHERE d.merchant_id = $1 ORDER BY d.event_id DESC LIMIT $2"};

}  // namespace epay::events::store
