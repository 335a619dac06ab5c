#pragma once

#include "db/database.h"

namespace epay::events::store {

inline constexpr db::Sql insert_redelivery{
    "INSERT INTO redeliveries (merchant_id, id, endpoint_id, kind, delivered_too, since, until, first_event_id, "
    "last_event_id, cursor_event_id, status, total, sent, delivered, created_at, updated_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, $13, $13)"};
inline constexpr db::Sql update_redelivery{
    "UPDATE redeliveries SET cursor_event_id = $3, status = $4, sent = $5, updated_at = $6 "
    "WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql count_redelivered{
    "UPDATE redeliveries SET delivered = delivered + 1 WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql select_redelivery{
    "SELECT merchant_id, id, endpoint_id, kind, delivered_too, since, until, first_event_id, last_event_id, "
    "cursor_event_id, status, total, sent, delivered, created_at, updated_at FROM redeliveries "
    "WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql select_redeliveries{
    "SELECT merchant_id, id, endpoint_id, kind, delivered_too, since, until, first_event_id, last_event_id, "
    "cursor_event_id, status, total, sent, delivered, created_at, updated_at FROM redeliveries "
    "WHERE merchant_id = $1 ORDER BY id DESC LIMIT $2"};
inline constexpr db::Sql select_redeliveries_of_mode{
    "SELECT r.merchant_id, r.id, r.endpoint_id, r.kind, r.delivered_too, r.since, r.until, r.first_event_id, "
    "r.last_event_id, r.cursor_event_id, r.status, r.total, r.sent, r.delivered, r.created_at, r.updated_at "
    "FROM redeliveries r JOIN endpoints e ON e.merchant_id = r.merchant_id AND e.id = r.endpoint_id "
    "WHERE r.merchant_id = $1 AND (e.mode IS NULL OR e.mode = $2) ORDER BY r.id DESC LIMIT $3"};
inline constexpr db::Sql select_running{
    "SELECT merchant_id, id, endpoint_id, kind, delivered_too, since, until, first_event_id, last_event_id, "
    "cursor_event_id, status, total, sent, delivered, created_at, updated_at FROM redeliveries "
    "WHERE status = 1 AND (merchant_id, id) > ($1, $2) ORDER BY merchant_id, id LIMIT $3"};
inline constexpr db::Sql select_running_for_endpoint{
    "SELECT id FROM redeliveries WHERE status = 1 AND merchant_id = $1 AND endpoint_id = $2 LIMIT 1"};

inline constexpr db::Sql select_last_event{"SELECT id FROM events WHERE merchant_id = $1 ORDER BY id DESC LIMIT 1"};
inline constexpr db::Sql select_event_from{
    "SELECT id, created_at FROM events WHERE merchant_id = $1 AND id >= $2 ORDER BY id LIMIT 1"};
inline constexpr db::Sql count_failed{
    "SELECT count(*) FROM deliveries WHERE status = 3 AND merchant_id = $1 AND endpoint_id = $2 AND event_id > $3 "
    "AND event_id <= $4"};
inline constexpr db::Sql select_failed{
    "SELECT d.event_id, e.created_at FROM deliveries d "
    "JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id "
    "WHERE d.status = 3 AND d.merchant_id = $1 AND d.endpoint_id = $2 AND d.event_id > $3 AND d.event_id <= $4 "
    "ORDER BY d.event_id LIMIT $5"};
inline constexpr db::Sql select_events_to_replay{
    "SELECT e.id, e.created_at, e.type, e.mode, d.status FROM events e "
    "LEFT JOIN deliveries d ON d.merchant_id = e.merchant_id AND d.endpoint_id = $2 AND d.event_id = e.id "
    "WHERE e.merchant_id = $1 AND e.id > $3 AND e.id <= $4 ORDER BY e.id LIMIT $5"};
inline constexpr db::Sql count_untried{
    "SELECT count(*) FROM (SELECT redelivery_id, tries, uncounted_tries FROM deliveries WHERE merchant_id = $1 "
    "AND endpoint_id = $2 AND background = 1 AND due_at IS NOT NULL ORDER BY owner, due_at LIMIT $4) AS due "
    "WHERE redelivery_id = $3 AND tries = uncounted_tries"};
// One delivery per event and endpoint, for ever: where there is one already it is sent again.
inline constexpr db::Sql insert_missing_delivery{
    "INSERT INTO deliveries (merchant_id, endpoint_id, event_id, status, tries, uncounted_tries, updated_at) "
    "VALUES ($1, $2, $3, 1, 0, 0, $4) ON CONFLICT DO NOTHING"};

}  // namespace epay::events::store
