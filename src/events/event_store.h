#pragma once

#include "db/database.h"

namespace epay::events::store {

// ---- events ----

// Events are numbered per merchant in the order of their commits, so that a reader's cursor skips none, and beyond what
// was handed out before the store was restored from a copy.
inline constexpr db::Sql insert_event{
    "INSERT INTO events (merchant_id, id, mode, type, payment_id, payload, created_at, sequence, previous_id) "
    "VALUES ($1, coalesce((SELECT id FROM events WHERE merchant_id = $1 AND id > coalesce("
    "(SELECT beyond_id FROM event_starts WHERE merchant_id = $1), 0) ORDER BY id DESC LIMIT 1), "
    "(SELECT beyond_id FROM event_starts WHERE merchant_id = $1), 0) + 1, "
    "$2, $3, $4, $5, $6, $7, $8) RETURNING id"};
// Every merchant's next event is to be `$1` beyond its last.
inline constexpr db::Sql skip_event_ids{
    "INSERT INTO event_starts (merchant_id, beyond_id) SELECT m.id, $1 + "
    "coalesce((SELECT e.id FROM events e WHERE e.merchant_id = m.id AND e.id > coalesce(s.beyond_id, 0) "
    "ORDER BY e.id DESC LIMIT 1), s.beyond_id, 0) "
    "FROM merchants m LEFT JOIN event_starts s ON s.merchant_id = m.id WHERE true "
    "ON CONFLICT (merchant_id) DO UPDATE SET beyond_id = excluded.beyond_id"};
inline constexpr db::Sql select_asking_endpoints{
    "SELECT id FROM endpoints WHERE merchant_id = $1 AND enabled = 1 AND (event_types & $2) <> 0 "
    "AND (mode IS NULL OR mode = $3) ORDER BY id"};
inline constexpr db::Sql insert_delivery{
    "INSERT INTO deliveries (merchant_id, endpoint_id, event_id, status, tries, uncounted_tries, due_at, updated_at, "
    "owner) VALUES ($1, $2, $3, $4, 0, 0, $5, $6, $7)"};
// waiting or blocked, and not tried often enough to be passed.
inline constexpr db::Sql update_next_event{
    "UPDATE deliveries SET next_event_id = $4 WHERE merchant_id = $1 AND endpoint_id = $2 AND event_id = $3 "
    "AND status IN (1, 4) AND tries < $5"};

inline constexpr db::Sql select_previous_event{
    "SELECT EXISTS (SELECT 1 FROM deliveries d WHERE d.merchant_id = $1 AND d.endpoint_id = $3 AND d.event_id = e.id), "
    "e.previous_id FROM events e WHERE e.merchant_id = $1 AND e.id = $2"};

// ---- endpoints ----

inline constexpr db::Sql insert_endpoint{
    "INSERT INTO endpoints (merchant_id, id, url, mode, description, event_types, rate_limit, in_flight_max, "
    "timeout_seconds, schedule, enabled, version, created_at, updated_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, 1, $11, $11)"};
inline constexpr db::Sql insert_endpoint_url{
    "INSERT INTO endpoint_urls (merchant_id, endpoint_id, version, url) VALUES ($1, $2, $3, $4)"};
inline constexpr db::Sql update_endpoint{
    "UPDATE endpoints SET url = $3, mode = $4, description = $5, event_types = $6, rate_limit = $7, "
    "in_flight_max = $8, timeout_seconds = $9, schedule = $10, version = version + 1, updated_at = $11 "
    "WHERE merchant_id = $1 AND id = $2 AND deleted_at IS NULL"};
inline constexpr db::Sql enable_endpoint{
    "UPDATE endpoints SET enabled = 1, disabled_reason = NULL, disabled_at = NULL, version = version + 1, "
    "updated_at = $3 WHERE merchant_id = $1 AND id = $2 AND deleted_at IS NULL"};
inline constexpr db::Sql disable_endpoint{
    "UPDATE endpoints SET enabled = 0, disabled_reason = $3, disabled_at = $4, version = version + 1, "
    "updated_at = $4 WHERE merchant_id = $1 AND id = $2 AND deleted_at IS NULL"};
inline constexpr db::Sql delete_endpoint{
    "UPDATE endpoints SET enabled = 0, deleted_at = $3, version = version + 1, updated_at = $3 "
    "WHERE merchant_id = $1 AND id = $2 AND deleted_at IS NULL"};
inline constexpr db::Sql update_extras{
    "UPDATE endpoints SET request_box = $3, version = version + 1 WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql select_endpoint{
    "SELECT merchant_id, id, url, mode, description, event_types, rate_limit, in_flight_max, timeout_seconds, "
    "schedule, request_box, enabled, disabled_reason, disabled_at, deleted_at, version, created_at, updated_at "
    "FROM endpoints WHERE merchant_id = $1 AND id = $2"};
inline constexpr db::Sql select_endpoints{
    "SELECT merchant_id, id, url, mode, description, event_types, rate_limit, in_flight_max, timeout_seconds, "
    "schedule, request_box, enabled, disabled_reason, disabled_at, deleted_at, version, created_at, updated_at "
    "FROM endpoints WHERE merchant_id = $1 AND deleted_at IS NULL ORDER BY id"};
inline constexpr db::Sql select_endpoint_url{
    "SELECT url FROM endpoint_urls WHERE merchant_id = $1 AND endpoint_id = $2 AND version <= $3 "
    "ORDER BY version DESC LIMIT 1"};

inline constexpr db::Sql insert_secret{
    "INSERT INTO endpoint_secrets (merchant_id, endpoint_id, number, scheme, secret_box, created_at) "
    "SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5 FROM endpoint_secrets "
    "WHERE merchant_id = $1 AND endpoint_id = $2"};
inline constexpr db::Sql expire_secrets{
    "UPDATE endpoint_secrets SET expires_at = $3 WHERE merchant_id = $1 AND endpoint_id = $2 "
    "AND (expires_at IS NULL OR expires_at > $3)"};
inline constexpr db::Sql delete_secrets{
    "DELETE FROM endpoint_secrets WHERE merchant_id = $1 AND endpoint_id = $2 AND (expires_at <= $3 OR number NOT IN "
    "(SELECT number FROM endpoint_secrets WHERE merchant_id = $1 AND endpoint_id = $2 ORDER BY number DESC LIMIT $4))"};
inline constexpr db::Sql select_secrets{
    "SELECT number, scheme, secret_box, created_at, expires_at FROM endpoint_secrets WHERE merchant_id = $1 "
    "AND endpoint_id = $2 AND (expires_at IS NULL OR expires_at > $3) ORDER BY number DESC"};

inline constexpr db::Sql select_health{
    "SELECT failing_since, failures, last_failure_at, rests_until, breaker_opened, told, told_at FROM endpoint_health "
    "WHERE merchant_id = $1 AND endpoint_id = $2"};
inline constexpr db::Sql save_health{
    "INSERT INTO endpoint_health (merchant_id, endpoint_id, failing_since, failures, last_failure_at, rests_until, "
    "breaker_opened, told, told_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
    "ON CONFLICT (merchant_id, endpoint_id) DO UPDATE SET failing_since = excluded.failing_since, "
    "failures = excluded.failures, last_failure_at = excluded.last_failure_at, rests_until = excluded.rests_until, "
    "breaker_opened = excluded.breaker_opened, told = excluded.told, told_at = excluded.told_at"};
inline constexpr db::Sql delete_health{"DELETE FROM endpoint_health WHERE merchant_id = $1 AND endpoint_id = $2"};

// ---- deliveries ----

inline constexpr db::Sql select_next_lane{
    "SELECT merchant_id, endpoint_id, background, owner, due_at FROM deliveries WHERE due_at IS NOT NULL "
    "AND (merchant_id, endpoint_id) > ($1, $2) ORDER BY merchant_id, endpoint_id, background, owner, due_at LIMIT 1"};
inline constexpr db::Sql select_next_owner{
    "SELECT owner FROM deliveries WHERE due_at IS NOT NULL AND merchant_id = $1 AND endpoint_id = $2 "
    "AND background = $3 AND owner > $4 ORDER BY owner LIMIT 1"};
inline constexpr db::Sql select_first_due{
    "SELECT due_at FROM deliveries WHERE due_at IS NOT NULL AND merchant_id = $1 AND endpoint_id = $2 "
    "AND background = $3 AND owner = $4 ORDER BY due_at LIMIT 1"};
inline constexpr db::Sql claim_due{
    "UPDATE deliveries SET owner = $5 WHERE merchant_id = $1 AND endpoint_id = $2 AND owner = $4 AND event_id IN "
    "(SELECT event_id FROM deliveries WHERE merchant_id = $1 AND endpoint_id = $2 AND background = $3 AND owner = $4 "
    "AND due_at >= $6 AND due_at <= $7 ORDER BY due_at, event_id LIMIT $8)"};
inline constexpr db::Sql select_due{
    "SELECT d.event_id, e.type, e.mode, e.sequence, d.tries, d.uncounted_tries, d.due_at, d.redelivery_id, "
    "d.background, d.resends, d.owner, e.payload "
    "FROM deliveries d JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id "
    "WHERE d.merchant_id = $1 AND d.endpoint_id = $2 AND d.background = $3 AND d.owner = $4 AND d.due_at >= $5 "
    "AND d.due_at <= $6 ORDER BY d.due_at, d.event_id LIMIT $7"};
inline constexpr db::Sql select_delivery_to_send{
    "SELECT d.event_id, e.type, e.mode, e.sequence, d.tries, d.uncounted_tries, d.due_at, d.redelivery_id, "
    "d.background, d.resends, d.owner, e.payload "
    "FROM deliveries d JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id "
    "WHERE d.merchant_id = $1 AND d.endpoint_id = $2 AND d.event_id = $3"};
inline constexpr db::Sql insert_attempt{
    "INSERT INTO delivery_attempts (merchant_id, endpoint_id, event_id, number, started_at, endpoint_version, status, "
    "failure, answer, dns_us, connect_us, tls_us, first_byte_us, total_us) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING"};
// Where it was sent again on purpose while this try was under way ($9 is what the try knew), a failure leaves it due.
// Only whoever has claimed it ($10; $11 is the same process, perhaps in a later life) changes it, and each try once.
inline constexpr db::Sql update_delivery{
    "UPDATE deliveries SET status = CASE WHEN $4 <> 2 AND resends <> $9 THEN 1 ELSE $4 END, "
    "tries = CAST($5 AS BIGINT), "
    "uncounted_tries = CASE WHEN resends <> $9 THEN CAST($5 AS BIGINT) ELSE $6 END, "
    "due_at = CASE WHEN $4 <> 2 AND resends <> $9 THEN CAST($8 AS BIGINT) ELSE CAST($7 AS BIGINT) END, "
    "updated_at = $8, owner = CASE WHEN $4 <> 2 AND resends <> $9 THEN CAST($11 AS BIGINT) ELSE $12 END "
    "WHERE merchant_id = $1 AND endpoint_id = $2 AND event_id = $3 AND tries = CAST($5 AS BIGINT) - 1 "
    "AND owner IN ($10, CAST($11 AS BIGINT)) "
    "RETURNING next_event_id, status, uncounted_tries, due_at, resends, owner"};
inline constexpr db::Sql unblock_delivery{
    "UPDATE deliveries SET status = 1, due_at = $4, updated_at = $4, owner = $5 "
    "WHERE merchant_id = $1 AND endpoint_id = $2 AND event_id = $3 AND status = 4"};
inline constexpr db::Sql select_delivery_status{
    "SELECT status, owner FROM deliveries WHERE merchant_id = $1 AND endpoint_id = $2 AND event_id = $3"};
// The schedule begins anew: the tries so far no longer count.
inline constexpr db::Sql resend_delivery{
    "UPDATE deliveries SET status = 1, uncounted_tries = tries, resends = resends + 1, redelivery_id = $4, "
    "background = $5, due_at = $6, updated_at = $6, owner = $7 "
    "WHERE merchant_id = $1 AND endpoint_id = $2 AND event_id = $3"};
inline constexpr db::Sql select_to_cancel{
    "SELECT event_id FROM deliveries WHERE merchant_id = $1 AND endpoint_id = $2 AND due_at IS NOT NULL LIMIT $3"};
inline constexpr db::Sql cancel_delivery{
    "UPDATE deliveries SET status = 5, due_at = NULL, updated_at = $4 WHERE merchant_id = $1 AND endpoint_id = $2 "
    "AND event_id = $3 AND status IN (1, 4) RETURNING next_event_id"};
inline constexpr db::Sql select_next_attempts_lane{
    "SELECT merchant_id, endpoint_id FROM delivery_attempts WHERE (merchant_id, endpoint_id) > ($1, $2) "
    "ORDER BY merchant_id, endpoint_id LIMIT 1"};
inline constexpr db::Sql delete_attempts{
    "DELETE FROM delivery_attempts WHERE merchant_id = $1 AND endpoint_id = $2 AND (event_id, number) IN "
    "(SELECT event_id, number FROM delivery_attempts WHERE merchant_id = $1 AND endpoint_id = $2 AND event_id < $5 "
    "AND started_at < $3 ORDER BY event_id, number LIMIT $4)"};

inline constexpr db::Sql select_deliveries{
    "SELECT d.endpoint_id, d.event_id, d.status, d.tries, d.due_at, e.type FROM deliveries d "
    "JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id "
    "WHERE d.merchant_id = $1 ORDER BY d.event_id DESC LIMIT $2"};

inline constexpr db::Sql count_outside_change{"UPDATE outside_changes SET changes = changes + 1 WHERE id = 1"};
inline constexpr db::Sql select_outside_changes{"SELECT changes FROM outside_changes WHERE id = 1"};

}  // namespace epay::events::store
